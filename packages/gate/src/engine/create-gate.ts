import { type ErrorCode, isSatwayError } from '@satway/base';
import { parseAuthorization } from '@satway/protocol';
import { addressScope } from '../limits/index.js';
import type { PaidPrice } from '../offers/index.js';
import { buildRouteTable, type CompleteEndpoint, type Endpoint, type RouteTable } from '../routes/index.js';
import { type ProblemOptions, problemAnswer } from './answers.js';
import { Call } from './call.js';
import type { GoodCredential } from './credential-desk.js';
import type { Decision, RequestFacts } from './decision.js';
import { assembleParts, type EngineParts } from './engine-parts.js';
import type { Gate, GateOptions, RevokeDecision } from './gate.js';
import { readIdempotencyKey } from './idempotency.js';
import { carriesCredential, isPresented } from './presented.js';
import type { Redemption } from './redeemer.js';

/** How long a caller waits whose body the shell had no room for. */
const SHELL_RETRY_MS = 1_000;

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
  readonly #parts: EngineParts;

  constructor(options: GateOptions) {
    this.#options = options;
    // Before the parts, which listen to the wallet: after a refusal nobody could close them.
    this.#routes = buildRouteTable(options.endpoints, (options.clock ?? Date.now)());
    this.#parts = assembleParts(options);
  }

  decide(facts: RequestFacts): Promise<Decision> {
    const match = this.#routes.match(facts.method, facts.path);
    if (match.outcome === 'not_found') return this.#refuse(facts, 'ENDPOINT_NOT_FOUND', null);
    if (match.outcome === 'wrong_method') {
      return this.#refuse(facts, 'METHOD_NOT_OFFERED', null, { headers: [['Allow', match.allow.join(', ')]] });
    }
    const { endpoint } = match;
    const nowMs = this.#parts.clock();
    const scope = addressScope(facts.callerAddress);
    const retryAfterMs = this.#takeFromLimits(scope, endpoint.id, nowMs);
    if (retryAfterMs > 0) return this.#refuse(facts, 'TOO_MANY_REQUESTS', endpoint.id, { retryAfterMs });
    if (endpoint.price.model === 'free') {
      return Promise.resolve({ kind: 'grant', grant: { via: 'free' }, endpointId: endpoint.id });
    }
    return this.#decidePaid(facts, endpoint, endpoint.price, nowMs, scope);
  }

  replaceSnapshot(endpoints: readonly Endpoint[]): void {
    this.#routes = buildRouteTable(endpoints, this.#parts.clock());
  }

  async revoke(rawHeaders: readonly string[]): Promise<RevokeDecision> {
    const authorization = parseAuthorization(rawHeaders);
    const nowMs = this.#parts.clock();
    const good = authorization.kind === 'credential' ? this.#verify(authorization, nowMs) : null;
    if (good === null || typeof good === 'string') return { ok: false, code: 'CREDENTIAL_REFUSED' };
    const { paymentHashHex, chainHashesHex } = good.credential;
    const keepUntilMs = good.revokeUntilMs;
    // It is refused for ever by its own time, and so is what derives from it.
    if (nowMs >= keepUntilMs) return { ok: true };
    const { claimStore, tenant } = this.#options;
    const revoked = await claimStore.revoke({ tenantId: tenant.id, paymentHashHex, chainHashesHex, keepUntilMs });
    return revoked.outcome === 'revoked' ? { ok: true } : { ok: false, code: 'TOO_MANY_REVOCATIONS' };
  }

  admit(callerAddress: string, path: string): number {
    return this.#takeFromLimits(addressScope(callerAddress), path, this.#parts.clock());
  }

  close(): void {
    this.#parts.keeper.close();
    this.#parts.offers.close();
  }

  /** @param what - an endpoint's id, or a path of the shell's own, which begins with a slash as no id does. */
  #takeFromLimits(scope: string, what: string, nowMs: number): number {
    return this.#parts.perAddress.take(scope, nowMs) || this.#parts.perEndpoint.take(`${scope} ${what}`, nowMs);
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
    const checked = this.#parts.credentials.check(macaroonText, preimageHex, nowMs);
    return checked.ok ? checked.value : checked.reason;
  }

  #redeem(call: Call, price: PaidPrice, good: GoodCredential): Promise<Decision> {
    return this.#parts.redeemer.redeem(call, good).then(
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
    this.#parts.emit({ type: 'granted', endpointId, via: grant.via, paymentHashHex });
    return { kind: 'grant', grant, endpointId };
  }

  #refuseCredential(call: Call, price: PaidPrice, reason: string): Promise<Decision> {
    this.#parts.emit({ type: 'credential_refused', endpointId: call.endpoint.id, reason });
    return this.#challenge(call, price);
  }

  #challenge(call: Call, price: PaidPrice): Promise<Decision> {
    return this.#parts.challenger.challenge(call, price).catch((cause: unknown) => this.#refuseForBody(call, cause));
  }

  /** The shell could not read the body: too large is the caller's answer, anything else (a caller who is gone) the shell's. */
  #refuseForBody(call: Call, cause: unknown): Promise<Decision> {
    if (!isSatwayError(cause)) throw cause;
    const options = cause.httpStatus === 503 ? { retryAfterMs: SHELL_RETRY_MS } : {};
    return this.#refuse(call.facts, cause.code, call.endpoint.id, options, cause);
  }

  #refuse(
    facts: RequestFacts,
    code: ErrorCode,
    endpointId: string | null,
    options: Omit<ProblemOptions, 'presented'> = {},
    cause?: unknown,
  ): Promise<Decision> {
    this.#parts.emit({ type: 'refused', endpointId, code, ...(cause === undefined ? {} : { cause }) });
    const answer = problemAnswer(code, { ...options, presented: carriesCredential(facts.rawHeaders) });
    return Promise.resolve({ kind: 'refuse', code, answer, endpointId });
  }
}
