import { hash } from 'node:crypto';
import { isSatwayError } from '@satway/base';
import { checkTerms } from '@satway/protocol';
import type { ClaimRequest, ClaimResult, IdempotencyClaim, KeptAnswer } from '../claim-store/index.js';
import type { Confirmation, SettlementDesk } from '../settlements/index.js';
import type { Call } from './call.js';
import type { GoodCredential } from './credential-desk.js';
import type { Grant, PaymentFacts } from './decision.js';
import { type ClaimDesk, HeldClaim } from './held-claim.js';
import { idempotencyClaim } from './idempotency.js';

/** What became of a credential that verified. */
export type Redemption =
  | { readonly outcome: 'granted'; readonly grant: Exclude<Grant, { via: 'free' }>; readonly paymentHashHex: string }
  /** Not good for this call, or not any more: a fresh challenge, the same for every reason. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Good, but not right now. */
  | {
      readonly outcome: 'not_now';
      readonly code: NotNowCode;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    };

type NotNowCode =
  | 'CLAIM_IN_PROGRESS'
  | 'PAYMENT_RESTING'
  | 'IDEMPOTENCY_CONFLICT'
  | 'IDEMPOTENCY_IN_PROGRESS'
  | 'PAYMENT_NOT_CONFIRMED'
  | 'PAYMENT_UNCONFIRMABLE'
  | 'STORE_UNAVAILABLE'
  | 'CLAIM_MALFORMED';

export interface RedeemerOptions {
  readonly tenant: { readonly id: string };
  readonly claims: ClaimDesk;
  /** `null` where a preimage is proof enough. */
  readonly settlements: SettlementDesk | null;
  readonly uuid: () => string;
}

/** What of a claim's outcomes passes by itself or is the caller's own mistake; every other one is a credential that is no good. */
const NOT_NOW: Partial<Record<ClaimResult['outcome'], NotNowCode>> = {
  claim_in_progress: 'CLAIM_IN_PROGRESS',
  resting: 'PAYMENT_RESTING',
  idempotency_conflict: 'IDEMPOTENCY_CONFLICT',
  idempotency_in_progress: 'IDEMPOTENCY_IN_PROGRESS',
};

/** How long a caller waits before asking a store again that could not answer. */
const STORE_RETRY_MS = 1_000;

/** Turns a verified credential into a claim: terms against this request, then one atomic step in the store. */
export class Redeemer {
  readonly #options: RedeemerOptions;

  constructor(options: RedeemerOptions) {
    this.#options = options;
  }

  /** Synchronous up to the claim wherever nothing depends on the body. */
  redeem(call: Call, good: GoodCredential): Promise<Redemption> {
    const { terms } = good.credential;
    if (call.idempotencyKey === null && terms.bodySha256Hex === null) return this.#redeemWith(call, good, undefined);
    return call.bodySha256Hex(true).then((bodySha256Hex) => this.#redeemWith(call, good, bodySha256Hex));
  }

  #redeemWith(call: Call, good: GoodCredential, bodySha256Hex: string | undefined): Promise<Redemption> {
    const refusal = this.#whyNotThisCall(call, good, bodySha256Hex);
    if (refusal !== null) return Promise.resolve({ outcome: 'refused', reason: refusal });
    const request = this.#claimRequest(call, good, bodySha256Hex);
    const { settlements } = this.#options;
    return settlements === null || settlements.isConfirmed(request.paymentHashHex, good.credential.terms.priceMsat)
      ? this.#claim(call, good, request)
      : this.#claimConfirmed(settlements, call, good, request);
  }

  async #claimConfirmed(
    settlements: SettlementDesk,
    call: Call,
    good: GoodCredential,
    request: ClaimRequest,
  ): Promise<Redemption> {
    const confirmation = await settlements.confirm(request.paymentHashHex, good.credential.terms.priceMsat);
    return confirmation.outcome === 'confirmed' ? this.#claim(call, good, request) : notConfirmed(confirmation);
  }

  #claim(call: Call, good: GoodCredential, request: ClaimRequest): Promise<Redemption> {
    return this.#options.claims.store
      .claim(request)
      .then((result) => this.#afterClaim(call, good, request, result), notClaimed);
  }

  /** The price table plays no part: what was quoted and paid stands, unless the seller voided quotes of that time. */
  #whyNotThisCall(call: Call, good: GoodCredential, bodySha256Hex: string | undefined): string | null {
    const { terms } = good.credential;
    const { facts, endpoint, nowMs } = call;
    if (terms.model !== 'per_request') return 'model';
    if (terms.sessionId !== null) return 'session';
    const checked = checkTerms(terms, {
      tenantId: this.#options.tenant.id,
      endpointId: endpoint.id,
      method: facts.method,
      path: facts.path,
      nowMs,
      ...(endpoint.quotesValidAfterMs === undefined ? {} : { quotesValidAfterMs: endpoint.quotesValidAfterMs }),
      ...(bodySha256Hex === undefined ? {} : { bodySha256Hex }),
      ...(terms.querySha256Hex === null ? {} : { querySha256Hex: sha256Hex(facts.query) }),
    });
    return checked.ok ? null : checked.reason;
  }

  #claimRequest(call: Call, good: GoodCredential, bodySha256Hex: string | undefined): ClaimRequest {
    const { credential, counters, keepUntilMs } = good;
    const idempotency = this.#idempotency(call, good, bodySha256Hex);
    return {
      claimId: this.#options.uuid(),
      tenantId: this.#options.tenant.id,
      paymentHashHex: credential.paymentHashHex,
      uses: credential.terms.uses,
      keepUntilMs,
      counters,
      chainHashesHex: credential.chainHashesHex,
      leaseMs: call.endpoint.leaseMs,
      ...(idempotency === undefined ? {} : { idempotency }),
    };
  }

  #idempotency(call: Call, good: GoodCredential, bodySha256Hex: string | undefined): IdempotencyClaim | undefined {
    if (call.idempotencyKey === null || bodySha256Hex === undefined) return undefined;
    return idempotencyClaim(good.credential, call.idempotencyKey, {
      method: call.facts.method,
      url: call.url,
      bodySha256Hex,
    });
  }

  #afterClaim(call: Call, good: GoodCredential, request: ClaimRequest, result: ClaimResult): Redemption {
    if (result.outcome === 'granted') return this.#granted(call, good, request);
    if (result.outcome === 'replay') return replayed(good, result.answer);
    const code = NOT_NOW[result.outcome];
    if (code === undefined) return { outcome: 'refused', reason: result.outcome };
    return { outcome: 'not_now', code, ...('retryAfterMs' in result ? { retryAfterMs: result.retryAfterMs } : {}) };
  }

  #granted(call: Call, good: GoodCredential, request: ClaimRequest): Redemption {
    const { claimId, tenantId, paymentHashHex, leaseMs } = request;
    const claim = new HeldClaim(this.#options.claims, {
      ref: { claimId, tenantId, paymentHashHex },
      payment: paymentFacts(good),
      endpointId: call.endpoint.id,
      leaseMs,
      keepsAnswer: request.idempotency !== undefined,
    });
    return { outcome: 'granted', grant: { via: 'claim', claim }, paymentHashHex };
  }
}

/** No challenge: the caller may have paid all the same, and must not be told to pay again. */
function notConfirmed(confirmation: Exclude<Confirmation, { outcome: 'confirmed' }>): Redemption {
  const { retryAfterMs } = confirmation;
  if (confirmation.outcome === 'unsettled') return { outcome: 'not_now', code: 'PAYMENT_NOT_CONFIRMED', retryAfterMs };
  const code = confirmation.from === 'store' ? 'STORE_UNAVAILABLE' : 'PAYMENT_UNCONFIRMABLE';
  return { outcome: 'not_now', code, retryAfterMs, cause: confirmation.cause };
}

/** A claim that the store cannot take is a mistake of ours, which no repetition mends; nothing was taken. */
function notClaimed(cause: unknown): Redemption {
  if (isSatwayError(cause, 'CLAIM_MALFORMED')) return { outcome: 'not_now', code: 'CLAIM_MALFORMED', cause };
  return { outcome: 'not_now', code: 'STORE_UNAVAILABLE', retryAfterMs: STORE_RETRY_MS, cause };
}

function replayed(good: GoodCredential, answer: KeptAnswer | null): Redemption {
  const payment = paymentFacts(good);
  return { outcome: 'granted', grant: { via: 'replay', answer, payment }, paymentHashHex: payment.paymentHashHex };
}

function paymentFacts({ credential }: GoodCredential): PaymentFacts {
  const { priceMsat, model, uses } = credential.terms;
  return { paymentHashHex: credential.paymentHashHex, priceMsat, model, uses };
}

function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}
