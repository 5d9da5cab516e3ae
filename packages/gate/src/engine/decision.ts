import type { ErrorCode } from '@satway/base';
import type { CanonicalPath } from '@satway/protocol';
import type { KeptAnswer } from '../claim-store/index.js';

/** What a shell (the gateway, a framework adapter) knows of a request. Plain facts; nothing was judged yet. */
export interface RequestFacts {
  /** As sent; methods are case-sensitive. */
  readonly method: string;
  readonly path: CanonicalPath;
  /** Raw query without the `?`; empty where there is none. */
  readonly query: string;
  /** Name, value, name, value …, duplicates and all (`IncomingMessage.rawHeaders`). */
  readonly rawHeaders: readonly string[];
  /** The peer's IP address. */
  readonly callerAddress: string;
  /**
   * SHA-256 of the raw body, 64 lower-case hex digits (of nothing where there is no body). Called only when the decision needs it, at most
   * once. May reject with `BODY_TOO_LARGE`, `REQUEST_TIMEOUT`.
   *
   * @param options.keepBody - default true: the shell holds the body for forwarding. False: this request will not be forwarded, whatever
   * comes of it; its body is hashed as it arrives, and nothing of it is held for somebody who has not paid.
   */
  readBodyDigest(options?: { readonly keepBody?: boolean }): Promise<string>;
}

/** An answer that a shell sends as it is. */
export interface GateAnswer {
  readonly status: number;
  /** Name, value pairs in the order in which they go out. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What `gate` says of a request. */
export type Decision =
  /** Not paid, or not with this: 402 and an offer. */
  | { readonly kind: 'challenge'; readonly answer: GateAnswer; readonly endpointId: string }
  /** Not to be had by paying: 404, 405, 409, 429, 503 … */
  | {
      readonly kind: 'refuse';
      readonly code: ErrorCode;
      readonly answer: GateAnswer;
      readonly endpointId: string | null;
    }
  /** Let it through. */
  | { readonly kind: 'grant'; readonly grant: Grant; readonly endpointId: string };

export type Grant =
  | { readonly via: 'free' }
  /** Call upstream, then `capture` or `release`. */
  | { readonly via: 'claim'; readonly claim: Claim }
  /** This call was answered before: send that answer again, do not call upstream. `null`: it was not kept (`replay_unavailable`). */
  | { readonly via: 'replay'; readonly answer: KeptAnswer | null; readonly payment: PaymentFacts };

/** What was paid, for the origin's context headers and for logs. */
export interface PaymentFacts {
  readonly paymentHashHex: string;
  readonly priceMsat: number;
  readonly model: string;
  readonly uses: number;
}

/** One use of a payment, held under a lease that the engine renews until it is captured, released or abandoned. */
export interface Claim extends PaymentFacts {
  readonly claimId: string;
  /** True where the caller sent an `Idempotency-Key`: a short answer with a declared length is worth keeping. */
  readonly keepsAnswer: boolean;
  /** The longest body that is kept; 0 where `keepsAnswer` is false. */
  readonly maxKeptBodyBytes: number;
  /**
   * Makes the charge final; must have returned `captured` before the first byte of the answer leaves.
   * `lost`: the lease was gone, nothing was charged by this claim. @throws {SatwayError} `STORE_UNAVAILABLE` (funds: the caller has paid before; the use may or may not be taken).
   */
  capture(answer?: KeptAnswer | null): Promise<'captured' | 'lost'>;
  /** Gives the use back; never throws (a store that is down lets the lease run out). */
  release(): Promise<'released' | 'lost' | 'left_to_expire'>;
}
