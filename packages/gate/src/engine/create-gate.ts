import { randomBytes, randomUUID } from 'node:crypto';
import { type ErrorCode, isSatwayError } from '@satway/base';
import { parseAuthorization } from '@satway/protocol';
import { addressScope, completeLimits, createRateLimiter, type RateLimiter } from '../limits/index.js';
import { OfferDesk, type PaidPrice } from '../offers/index.js';
import { buildRouteTable, type CompleteEndpoint, type Endpoint, type RouteTable } from '../routes/index.js';
import { type ProblemOptions, problemAnswer } from './answers.js';
import { Call } from './call.js';
import { Challenger } from './challenger.js';
import { CredentialDesk, type GoodCredential } from './credential-desk.js';
import type { Decision, RequestFacts } from './decision.js';
import type { Gate, GateOptions, RandomSource } from './gate.js';
import type { GateEvent } from './gate-event.js';
import { readIdempotencyKey } from './idempotency.js';
import { LeaseKeeper } from './lease-keeper.js';
import { carriesCredential, isPresented } from './presented.js';
import { type Redemption, Redeemer } from './redeemer.js';
import { assertTenant } from './tenant.js';

/** The operating system's randomness. */
export const systemRandom: RandomSource = { bytes: (size) => randomBytes(size), uuid: () => randomUUID() };

const MAX_COUNTED_CALLERS = 50_000;
const KEEP_ANSWERS_FOR_MS = 600_000;
const MAX_KEPT_BODY_BYTES = 16_384;
/** No origin's head takes longer; a claim held longer than this was forgotten by its shell. */
const MAX_HOLD_MS = 600_000;

type CredentialHeader = Extract<ReturnType<typeof parseAuthorization>, { kind: 'credential' }>;

/**
 * Makes the decision engine of one tenant.
 *
 * @throws {SatwayError} `ENDPOINTS_INVALID`, with every mistake in the detail; `LIMITS_INVALID`, `TENANT_INVALID`.
 */
export function createGate(options: GateOptions): Gate {
  return new DecisionEngine(options);
}

/** Order: route, limits, credential, claim. Reads the snapshot once per request. */
class DecisionEngine implements Gate {
  #routes: RouteTable;
  readonly #options: GateOptions;
  readonly #clock: () => number;
  readonly #emit: (event: GateEvent) => void;
  readonly #perAddress: RateLimiter;
  readonly #perEndpoint: RateLimiter;
  readonly #offers: OfferDesk;
  readonly #credentials: CredentialDesk;
  readonly #challenger: Challenger;
  readonly #keeper: LeaseKeeper;
  readonly #redeemer: Redeemer;

  constructor(options: GateOptions) {
    const { tenant, keyRing, issuer, claimStore, clock = Date.now, random = systemRandom, idempotency = {} } = options;
    const limits = completeLimits(options.limits);
    assertTenant(tenant);
    this.#options = options;
    this.#clock = clock;
    this.#routes = buildRouteTable(options.endpoints);
    this.#emit = options.onEvent ?? (() => undefined);
    this.#perAddress = createRateLimiter(limits.requestsPerAddress, MAX_COUNTED_CALLERS);
    this.#perEndpoint = createRateLimiter(limits.requestsPerAddressAndEndpoint, MAX_COUNTED_CALLERS);
    this.#offers = new OfferDesk({ tenant, keyRing, issuer, clock, randomBytes: (size) => random.bytes(size), limits });
    this.#credentials = new CredentialDesk({
      tenantId: tenant.id,
      keyRing,
      onPaid: (hash) => this.#offers.forget(hash),
    });
    this.#challenger = new Challenger(this.#offers, this.#emit);
    this.#keeper = new LeaseKeeper(claimStore, MAX_HOLD_MS);
    const { keepForMs = KEEP_ANSWERS_FOR_MS, maxBodyBytes = MAX_KEPT_BODY_BYTES } = idempotency;
    const claims = {
      store: claimStore,
      keeper: this.#keeper,
      keepAnswersForMs: keepForMs,
      maxKeptBodyBytes: maxBodyBytes,
      emit: this.#emit,
    };
    this.#redeemer = new Redeemer({ tenant, claims, uuid: () => random.uuid() });
  }

  decide(facts: RequestFacts): Promise<Decision> {
    const match = this.#routes.match(facts.method, facts.path);
    if (match.outcome === 'not_found') return this.#refuse(facts, 'ENDPOINT_NOT_FOUND', null);
    if (match.outcome === 'wrong_method') {
      return this.#refuse(facts, 'METHOD_NOT_OFFERED', null, { headers: [['Allow', match.allow.join(', ')]] });
    }
    const { endpoint } = match;
    const nowMs = this.#clock();
    const scope = addressScope(facts.callerAddress);
    const retryAfterMs = this.#takeFromLimits(scope, endpoint.id, nowMs);
    if (retryAfterMs > 0) return this.#refuse(facts, 'TOO_MANY_REQUESTS', endpoint.id, { retryAfterMs });
    if (endpoint.price.model === 'free') {
      return Promise.resolve({ kind: 'grant', grant: { via: 'free' }, endpointId: endpoint.id });
    }
    return this.#decidePaid(facts, endpoint, endpoint.price, nowMs, scope);
  }

  replaceSnapshot(endpoints: readonly Endpoint[]): void {
    this.#routes = buildRouteTable(endpoints);
  }

  async revoke(rawHeaders: readonly string[]): Promise<{ ok: true } | { ok: false; code: 'CREDENTIAL_REFUSED' }> {
    const authorization = parseAuthorization(rawHeaders);
    const good = authorization.kind === 'credential' ? this.#verify(authorization, this.#clock()) : null;
    if (good === null || typeof good === 'string') return { ok: false, code: 'CREDENTIAL_REFUSED' };
    const { paymentHashHex, finalChainHashHex } = good.credential;
    const { claimStore, tenant } = this.#options;
    const { keepUntilMs } = good;
    await claimStore.revoke({ tenantId: tenant.id, paymentHashHex, chainHashHex: finalChainHashHex, keepUntilMs });
    return { ok: true };
  }

  close(): void {
    this.#keeper.close();
    this.#offers.close();
  }

  #takeFromLimits(scope: string, endpointId: string, nowMs: number): number {
    return this.#perAddress.take(scope, nowMs) || this.#perEndpoint.take(`${scope} ${endpointId}`, nowMs);
  }

  #decidePaid(
    facts: RequestFacts,
    endpoint: CompleteEndpoint,
    price: PaidPrice,
    nowMs: number,
    scope: string,
  ): Promise<Decision> {
    const idempotency = readIdempotencyKey(facts.rawHeaders);
    if (idempotency.kind === 'invalid') return this.#refuse(facts, 'IDEMPOTENCY_KEY_INVALID', endpoint.id);
    const authorization = parseAuthorization(facts.rawHeaders);
    const idempotencyKey = idempotency.kind === 'key' ? idempotency.key : null;
    const call = new Call(facts, endpoint, { nowMs, scope, idempotencyKey, presented: isPresented(authorization) });
    if (!call.presented) return this.#challenge(call, price);
    if (authorization.kind !== 'credential') return this.#refuseCredential(call, price, authorization.kind);
    const good = this.#verify(authorization, nowMs);
    if (typeof good === 'string') return this.#refuseCredential(call, price, good);
    return this.#redeem(call, price, good);
  }

  /** @returns the reason where it is not good. */
  #verify({ macaroonText, preimageHex }: CredentialHeader, nowMs: number): GoodCredential | string {
    const checked = this.#credentials.check(macaroonText, preimageHex, nowMs);
    return checked.ok ? checked.value : checked.reason;
  }

  #redeem(call: Call, price: PaidPrice, good: GoodCredential): Promise<Decision> {
    return this.#redeemer.redeem(call, good).then(
      (redemption) => this.#afterRedemption(call, price, redemption),
      (cause: unknown) => this.#refuseForBody(call, cause),
    );
  }

  #afterRedemption(call: Call, price: PaidPrice, redemption: Redemption): Decision | Promise<Decision> {
    const endpointId = call.endpoint.id;
    if (redemption.outcome === 'refused') return this.#refuseCredential(call, price, redemption.reason);
    if (redemption.outcome === 'not_now') {
      const { code, retryAfterMs, cause } = redemption;
      return this.#refuse(call.facts, code, endpointId, retryAfterMs === undefined ? {} : { retryAfterMs }, cause);
    }
    const { grant, paymentHashHex } = redemption;
    this.#emit({ type: 'granted', endpointId, via: grant.via, paymentHashHex });
    return { kind: 'grant', grant, endpointId };
  }

  #refuseCredential(call: Call, price: PaidPrice, reason: string): Promise<Decision> {
    this.#emit({ type: 'credential_refused', endpointId: call.endpoint.id, reason });
    return this.#challenge(call, price);
  }

  #challenge(call: Call, price: PaidPrice): Promise<Decision> {
    return this.#challenger.challenge(call, price).catch((cause: unknown) => this.#refuseForBody(call, cause));
  }

  /** The shell could not read the body: too large is the caller's answer, anything else (a caller who is gone) the shell's. */
  #refuseForBody(call: Call, cause: unknown): Promise<Decision> {
    if (!isSatwayError(cause)) throw cause;
    return this.#refuse(call.facts, cause.code, call.endpoint.id, {}, cause);
  }

  #refuse(
    facts: RequestFacts,
    code: ErrorCode,
    endpointId: string | null,
    options: Omit<ProblemOptions, 'presented'> = {},
    cause?: unknown,
  ): Promise<Decision> {
    this.#emit({ type: 'refused', endpointId, code, ...(cause === undefined ? {} : { cause }) });
    const answer = problemAnswer(code, { ...options, presented: carriesCredential(facts.rawHeaders) });
    return Promise.resolve({ kind: 'refuse', code, answer, endpointId });
  }
}
