import type { Reach } from '../address-policy/index.js';
import type { CertificatePin } from '../connector/index.js';

/** One request and its answer, bounded in time and size. */
export interface ExchangeRequest {
  readonly method: string;
  /** Absolute, http or https, without user name and password. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** From the call to the last byte of the answer's body. */
  readonly deadlineMs: number;
  /** Of the answer. */
  readonly maxBodyBytes: number;
  readonly signal?: AbortSignal;
  /** The certificate that the other side must show, instead of one that the system trusts. */
  readonly tls?: CertificatePin;
  /** Who chose the host; `public` when left out. */
  readonly reach?: Reach;
}

/** The head of an answer, and its body as it arrives. Redirects are answers like any other. */
export interface ExchangeResponse {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value … as received. */
  readonly rawHeaders: readonly string[];
  /** The value of a header, lines of the same name joined by `, `; `null` where there is none. */
  header(name: string): string | null;
  /**
   * Chunks as they arrive, held back when not read. Ends with `EGRESS_TIMEOUT`, `EGRESS_TOO_LARGE`, `EGRESS_BROKEN` or `EGRESS_ABORTED`. Leaving the
   * loop closes the connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  /** The body as UTF-8; bytes that are none become U+FFFD. */
  text(): Promise<string>;
  /** Gives the body up and frees the connection. */
  discard(): void;
}
