import type { SatwayError } from '@satway/base';
import type { Reach } from '../address-policy/index.js';
import type { CertificatePin } from '../connector/index.js';

/** What a socket calls back. `onText` may be called before `openSocket` has answered, since a peer may speak first. */
export interface SocketEvents {
  /** One whole text message; binary ones are dropped. */
  onText(text: string): void;
  /** Once, when an open socket is no more; `null` where `close` was called. */
  onClosed(error: SatwayError | null): void;
}

/** One WebSocket, bounded in time and message size. */
export interface SocketRequest {
  /** Absolute, `wss:`, or `ws:` to this machine, without user name and password. */
  readonly url: string;
  /** Sent with the upgrade. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Until it is open: DNS, TCP, TLS and the upgrade. */
  readonly handshakeTimeoutMs: number;
  /** Of each message of the peer; a longer one ends the connection before more of it is kept. */
  readonly maxMessageBytes: number;
  readonly events: SocketEvents;
  /** A peer that was silent for so long is asked for a sign of life, and given up when it stays silent as long again; 25,000 by default. */
  readonly pingIntervalMs?: number;
  /** Lets `ws:` go to other machines: everybody on the way reads along. */
  readonly allowPlain?: boolean;
  /** The certificate that the other side must show, instead of one that the system trusts. */
  readonly tls?: CertificatePin;
  /** Who chose the host; `public` when left out. */
  readonly reach?: Reach;
}

/** An open WebSocket. */
export interface EgressSocket {
  /** @returns whether it was handed to the connection; `false` once that is closing. */
  send(text: string): boolean;
  /** Whether the process waits for this socket; it does until told otherwise. */
  holdProcess(hold: boolean): void;
  /** Closes it at once; safe to call twice. */
  close(): void;
}
