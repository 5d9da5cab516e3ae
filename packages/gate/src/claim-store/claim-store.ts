/**
 * Where payments are consumed. One record per (tenant, payment hash), whatever scheme redeems it; the record outlives every
 * credential that was minted for that payment.
 *
 * All times that decide (leases, rests, answers' lives) are on the store's own clock (the database's), never on the caller's.
 */
export interface ClaimStore {
  /**
   * Takes one use of a payment and of every branch counter, or says why not, in one atomic step. Closes the race of
   * parallel replays: of any number of claims at the same time, on any number of processes, at most `uses` are granted.
   *
   * Idempotent by `claimId`: the same request again (a lost reply) gives the same answer and takes nothing more. A claim that was
   * released or ran out is not granted again under its old id (`claim_in_progress`); a new attempt is a new claim.
   *
   * Of several reasons to refuse, the one that lasts longest is given: `revoked`, then what the `Idempotency-Key` says, then `consumed`,
   * `quota_exhausted`, `claim_in_progress`, `resting`. A request whose `keepUntilMs` has passed is `consumed`: its record may be pruned.
   *
   * @throws {SatwayError} `STORE_UNAVAILABLE`: a use may be held until its lease ends, none is charged; the same claim may be sent again.
   * `CLAIM_MALFORMED`: nothing was done. Funds moved: no.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;

  /** Prolongs the lease of a claim that is still held to `leaseMs` from now (never shortens it); `false` when it is no longer held. @throws as `claim`. */
  renew(ref: ClaimRef, leaseMs: number): Promise<boolean>;

  /**
   * Makes a claim final, and stores the answer to its `Idempotency-Key` in the same transaction. Durable when it returns `true`.
   * `false`: the lease had run out or the claim is not ours any more; nothing was changed. Repeating a capture that succeeded gives `true`
   * again, for at least a minute, and keeps the first answer.
   *
   * @throws {SatwayError} `STORE_UNAVAILABLE`: may or may not be final; repeat it. `CLAIM_MALFORMED`.
   */
  capture(ref: ClaimRef, answer?: AnswerToKeep): Promise<boolean>;

  /**
   * Gives a claim's use and all its counters back, in one atomic step. `false` and repeats as for `capture`. From its second release on, a payment
   * hash rests: 2, 4, 8 … at most 64 seconds. A lease that runs out gives back the same, at the payment's next claim, and counts as no release.
   */
  release(ref: ClaimRef): Promise<boolean>;

  /**
   * Whether a claim of this payment was ever granted (what was released or ran out counts too), as far as its record is still kept. Reads only; a
   * `true` stays true for as long as any credential of the payment is good.
   *
   * @throws {SatwayError} `STORE_UNAVAILABLE`, `CLAIM_MALFORMED`. Funds moved: no.
   */
  knows(payment: PaymentRef): Promise<boolean>;

  /**
   * Refuses from now on every credential of this payment whose chain passes through the last value of this one. What is revoked already through a value
   * above it takes no room, and a revocation takes the place of those below it.
   *
   * @returns `too_many`, with nothing done: 256 branches of this payment are revoked that are not below this one.
   * @throws {SatwayError} `STORE_UNAVAILABLE`, `CLAIM_MALFORMED`. Funds moved: no.
   */
  revoke(revocation: Revocation): Promise<RevokeResult>;

  /** Deletes what can no longer matter (records past `keepUntilMs` that no claim holds, dead answers); never what would let a credential be redeemed again. Returns the rows deleted. */
  prune(): Promise<number>;

  /** Cheap check that the store can answer. @throws {SatwayError} `STORE_UNAVAILABLE`. */
  ping(): Promise<void>;

  /** Answers what is under way, then refuses with `STORE_UNAVAILABLE`. A second call does nothing more. */
  close(): Promise<void>;
}

/** One branch of a delegated credential: an `n_uses` or a `max_sats` caveat. */
export interface CounterTake {
  /** SHA-256 of the chain value just after the caveat, 64 lower-case hex digits. */
  readonly chainHashHex: string;
  /** What this call takes: 1 for `n_uses`; for `max_sats` the call's highest cost in millisatoshis. */
  readonly take: number;
  /** The caveat's bound in the same unit. */
  readonly cap: number;
}

export interface ClaimRequest {
  /** Random UUID, made by the caller; the claim's name from here on. */
  readonly claimId: string;
  /** Tenant UUID, lower case. */
  readonly tenantId: string;
  readonly paymentHashHex: string;
  /** How many calls the payment bought (the root's `uses`). */
  readonly uses: number;
  /** Until when the record of the payment must be kept: the latest expiry of any credential minted for it, plus a day. */
  readonly keepUntilMs: number;
  readonly counters: readonly CounterTake[];
  /** SHA-256 of every value of the signature chain, root first; a revocation names one of them. */
  readonly chainHashesHex: readonly string[];
  readonly leaseMs: number;
  readonly idempotency?: IdempotencyClaim;
}

export interface IdempotencyClaim {
  /** SHA-256 over payment hash, final chain value and the `Idempotency-Key`, 64 lower-case hex digits. */
  readonly keyHashHex: string;
  /** SHA-256 of what makes the request this request (method, URL, body digest). */
  readonly requestDigestHex: string;
}

/** Names a payment. */
export interface PaymentRef {
  readonly tenantId: string;
  readonly paymentHashHex: string;
}

/** Names a claim for renew, capture and release. */
export interface ClaimRef extends PaymentRef {
  readonly claimId: string;
}

export type ClaimResult =
  | { readonly outcome: 'granted' }
  /** No room now, but a lease still lives that may give it back (a use, or a branch's share). 409 with `Retry-After`. */
  | { readonly outcome: 'claim_in_progress'; readonly retryAfterMs: number }
  /** The payment hash rests after repeated releases. 409 with `Retry-After`. */
  | { readonly outcome: 'resting'; readonly retryAfterMs: number }
  /** Every use of the payment was captured. */
  | { readonly outcome: 'consumed' }
  /** A branch counter (`n_uses`, `max_sats`) has no room for this call, whatever becomes of those under way. */
  | { readonly outcome: 'quota_exhausted' }
  | { readonly outcome: 'revoked' }
  /** The same key and request ended before: `answer` is what was answered, `null` where it was not kept. Nothing was taken. */
  | { readonly outcome: 'replay'; readonly answer: KeptAnswer | null }
  /** The same key, another request. */
  | { readonly outcome: 'idempotency_conflict' }
  /** The same key and request is under way. */
  | { readonly outcome: 'idempotency_in_progress'; readonly retryAfterMs: number };

/** An answer as it went to the caller. */
export interface KeptAnswer {
  readonly status: number;
  /** Name, value, name, value … as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export interface AnswerToKeep {
  /** `null`: the call is marked as answered, its bytes are not kept. */
  readonly answer: KeptAnswer | null;
  /** How long the answer's bytes are kept. That the call was answered is known as long as the payment: a repeat is never charged again. */
  readonly keepForMs: number;
}

export interface Revocation {
  readonly tenantId: string;
  readonly paymentHashHex: string;
  /** SHA-256 of every value of the presented macaroon's signature chain, root first; the last one, that of its final signature, is revoked. */
  readonly chainHashesHex: readonly string[];
  /** The revocation may be forgotten after this; no credential that it refuses lives longer. */
  readonly keepUntilMs: number;
}

export type RevokeResult = { readonly outcome: 'revoked' } | { readonly outcome: 'too_many' };
