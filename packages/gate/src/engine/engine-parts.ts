import { randomUUID } from 'node:crypto';
import { completeLimits, createRateLimiter, type GateLimits, type RateLimiter } from '../limits/index.js';
import { completeInvoiceExpiryMs, OfferDesk } from '../offers/index.js';
import { SettlementDesk, type SettlementDeskOptions } from '../settlements/index.js';
import { Challenger } from './challenger.js';
import { CredentialDesk } from './credential-desk.js';
import type { GateOptions, RandomSource } from './gate.js';
import type { GateEvent } from './gate-event.js';
import { LeaseKeeper } from './lease-keeper.js';
import { takeRandomBytes } from './random-pool.js';
import { Redeemer } from './redeemer.js';
import { assertTenant } from './tenant.js';

/** The operating system's randomness. */
export const systemRandom: RandomSource = { bytes: takeRandomBytes, uuid: () => randomUUID() };

const MAX_COUNTED_CALLERS = 50_000;
const KEEP_ANSWERS_FOR_MS = 600_000;
const MAX_KEPT_BODY_BYTES = 16_384;
/** No origin's head takes longer; a claim held longer than this was forgotten by its shell. */
const MAX_HOLD_MS = 600_000;

/** What the engine asks, step by step. */
export interface EngineParts {
  readonly clock: () => number;
  readonly emit: (event: GateEvent) => void;
  readonly perAddress: RateLimiter;
  readonly perEndpoint: RateLimiter;
  readonly offers: OfferDesk;
  readonly credentials: CredentialDesk;
  readonly challenger: Challenger;
  readonly keeper: LeaseKeeper;
  readonly redeemer: Redeemer;
}

/** @throws {SatwayError} `LIMITS_INVALID`, `TENANT_INVALID`. */
export function assembleParts(options: GateOptions): EngineParts {
  const { tenant, keyRing, claimStore, clock = Date.now } = options;
  assertTenant(tenant);
  const limits = completeLimits(options.limits);
  const emit = options.onEvent ?? (() => undefined);
  const offers = makeOfferDesk(options, clock, limits);
  const keeper = new LeaseKeeper(claimStore, MAX_HOLD_MS);
  return {
    clock,
    emit,
    perAddress: createRateLimiter(limits.requestsPerAddress, MAX_COUNTED_CALLERS),
    perEndpoint: createRateLimiter(limits.requestsPerAddressAndEndpoint, MAX_COUNTED_CALLERS),
    offers,
    credentials: new CredentialDesk({ tenantId: tenant.id, keyRing, onPaid: (hash) => offers.forget(hash) }),
    challenger: new Challenger(offers, emit),
    keeper,
    redeemer: makeRedeemer(options, keeper, emit, clock),
  };
}

function makeOfferDesk(options: GateOptions, clock: () => number, limits: GateLimits): OfferDesk {
  const { tenant, keyRing, issuer, random = systemRandom } = options;
  const invoiceExpiryMs = completeInvoiceExpiryMs(options.invoiceExpiryMs);
  const randomBytes = (size: number): Uint8Array => random.bytes(size);
  return new OfferDesk({ tenant, keyRing, issuer, clock, limits, invoiceExpiryMs, randomBytes });
}

function makeRedeemer(
  options: GateOptions,
  keeper: LeaseKeeper,
  emit: (event: GateEvent) => void,
  clock: () => number,
): Redeemer {
  const { tenant, claimStore, random = systemRandom, idempotency = {} } = options;
  const { keepForMs = KEEP_ANSWERS_FOR_MS, maxBodyBytes = MAX_KEPT_BODY_BYTES } = idempotency;
  const kept = { keepAnswersForMs: keepForMs, maxKeptBodyBytes: maxBodyBytes };
  const claims = { store: claimStore, keeper, emit, ...kept };
  return new Redeemer({
    tenant,
    claims,
    settlements: makeSettlementDesk(options, emit, clock),
    uuid: () => random.uuid(),
  });
}

/** `null` where a preimage is proof enough. */
function makeSettlementDesk(
  options: GateOptions,
  emit: (event: GateEvent) => void,
  clock: () => number,
): SettlementDesk | null {
  const { tenant, issuer, claimStore, confirmSettlement = !issuer.preimageIsProof } = options;
  if (!confirmSettlement) return null;
  const onAnswer: SettlementDeskOptions['onAnswer'] = (paymentHashHex, answer, cause) =>
    emit({ type: 'settlement_asked', paymentHashHex, answer, ...(cause === undefined ? {} : { cause }) });
  return new SettlementDesk({ tenantId: tenant.id, issuer, claimStore, clock, onAnswer });
}
