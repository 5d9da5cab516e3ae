import type { Reach } from '../address-policy/index.js';
import type { CertificatePin } from '../connector/index.js';

/** One request and its answer, bounded in time and size. */
export interface ExchangeRequest {
  readonly method: string;
  /** Absolute, http or https, without user name and password. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** From the call to the last byte of the answer's body, repetitions included. */
  readonly deadlineMs: number;
  /** For one attempt until its answer's head; left out: what is left of `deadlineMs`. */
  readonly hopTimeoutMs?: number;
  /** Of the answer's body, as it comes and as it is once decoded. */
  readonly maxBodyBytes: number;
  /**
   * How often the request is sent again, with pauses that grow, where no answer came or the answer says 429, 502, 503 or 504; 0 when left out. Only for a method that is idempotent, and
   * never with a payment in its headers.
   */
  readonly retries?: number;
  readonly signal?: AbortSignal;
  /** The certificate that the other side must show, instead of one that the system trusts. */
  readonly tls?: CertificatePin;
  /** Who chose the host; `public` when left out. */
  readonly reach?: Reach;
}

/**
 * The head of an answer, and its body as it arrives. Redirects are answers like any other. A body in `gzip`, `deflate` or `br` is decoded, whoever asked for it, and one in another coding left as
 * it came; the headers stay those of the answer.
 */
export interface ExchangeResponse {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value … as received. */
  readonly rawHeaders: readonly string[];
  /** The value of a header, lines of the same name joined by `, `; `null` where there is none. */
  header(name: string): string | null;
  /**
   * Chunks as they arrive, held back when not read; to be read once. Ends with `EGRESS_TIMEOUT`, `EGRESS_TOO_LARGE`, `EGRESS_BROKEN` or `EGRESS_ABORTED`. Leaving the
   * loop closes the connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  /** The body as UTF-8; bytes that are none become U+FFFD. */
  text(): Promise<string>;
  /** Gives the body up and frees the connection. */
  discard(): void;
}
