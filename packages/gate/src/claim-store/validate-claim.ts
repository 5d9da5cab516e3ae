import { SatwayError } from '@satway/base';
import type {
  AnswerToKeep,
  ClaimRef,
  ClaimRequest,
  CounterTake,
  IdempotencyClaim,
  PaymentRef,
  Revocation,
} from './claim-store.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const HEX = /^[0-9a-f]*$/;
const LONGEST_LEASE_MS = 24 * 60 * 60 * 1_000;
const LARGEST_USES = 2 ** 32 - 1;
/** As many caveats as a credential may carry, and the root. */
const MOST_CHAIN_VALUES = 64;

/**
 * Refuses a malformed request before it can join a batch: one bad row would fail every claim beside it.
 *
 * @throws {SatwayError} `CLAIM_MALFORMED`. Funds moved: no.
 */
export function assertClaimRequest(request: ClaimRequest): void {
  assertClaimRef(request);
  assertCount('uses', request.uses, 1, LARGEST_USES);
  assertCount('keepUntilMs', request.keepUntilMs, 0, 8.64e15);
  assertLease(request.leaseMs);
  assertCounters(request.counters);
  assertChain(request.chainHashesHex);
  if (request.idempotency !== undefined) assertIdempotency(request.idempotency);
}

/** @throws {SatwayError} `CLAIM_MALFORMED`. */
export function assertClaimRef(ref: ClaimRef): void {
  assertPattern('claimId', ref.claimId, UUID);
  assertPaymentRef(ref);
}

/** @throws {SatwayError} `CLAIM_MALFORMED`. */
export function assertPaymentRef(ref: PaymentRef): void {
  assertTenantId(ref.tenantId);
  assertPattern('paymentHashHex', ref.paymentHashHex, HASH);
}

/** @throws {SatwayError} `CLAIM_MALFORMED`. */
export function assertLease(leaseMs: number): void {
  assertCount('leaseMs', leaseMs, 1, LONGEST_LEASE_MS);
}

/** @throws {SatwayError} `CLAIM_MALFORMED`. */
export function assertAnswerToKeep(answer: AnswerToKeep): void {
  assertCount('keepForMs', answer.keepForMs, 0, 366 * LONGEST_LEASE_MS);
  if (answer.answer === null) return;
  assertCount('status', answer.answer.status, 100, 999);
  if (answer.answer.rawHeaders.some((text) => text.includes('\0'))) refuse('rawHeaders');
}

/** @throws {SatwayError} `CLAIM_MALFORMED`. */
export function assertRevocation(revocation: Revocation): void {
  assertTenantId(revocation.tenantId);
  assertPattern('paymentHashHex', revocation.paymentHashHex, HASH);
  if (revocation.chainHashesHex.length === 0) refuse('chainHashesHex');
  assertChain(revocation.chainHashesHex);
  assertCount('keepUntilMs', revocation.keepUntilMs, 0, 8.64e15);
}

/** One after another is nearly always of the same tenant. */
let goodTenantId = '';

function assertTenantId(tenantId: string): void {
  if (tenantId === goodTenantId) return;
  assertPattern('tenantId', tenantId, UUID);
  goodTenantId = tenantId;
}

function assertCounters(counters: readonly CounterTake[]): void {
  if (counters.length === 0) return;
  if (counters.length > MOST_CHAIN_VALUES) refuse('counters');
  const seen = new Set<string>();
  for (const { chainHashHex, take, cap } of counters) {
    assertPattern('chainHashHex', chainHashHex, HASH);
    assertCount('take', take, 0, Number.MAX_SAFE_INTEGER);
    assertCount('cap', cap, 0, Number.MAX_SAFE_INTEGER);
    if (seen.has(chainHashHex)) refuse('counters');
    seen.add(chainHashHex);
  }
}

/** A verified credential is cached and claimed with again and again: its chain, the longest part of a claim, is looked at once. */
const goodChains = new WeakSet<readonly string[]>();

function assertChain(chainHashesHex: readonly string[]): void {
  if (goodChains.has(chainHashesHex)) return;
  if (chainHashesHex.length > MOST_CHAIN_VALUES) refuse('chainHashesHex');
  // One pattern over all of them: a dozen is a good part of what a claim costs.
  if (!chainHashesHex.every(has64) || !HEX.test(chainHashesHex.join(''))) refuse('chainHashesHex');
  goodChains.add(Object.freeze(chainHashesHex));
}

function has64(value: unknown): boolean {
  return typeof value === 'string' && value.length === 64;
}

function assertIdempotency({ keyHashHex, requestDigestHex }: IdempotencyClaim): void {
  assertPattern('keyHashHex', keyHashHex, HASH);
  assertPattern('requestDigestHex', requestDigestHex, HASH);
}

function assertPattern(name: string, value: unknown, pattern: RegExp): void {
  if (typeof value !== 'string' || !pattern.test(value)) refuse(name);
}

function assertCount(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) refuse(name);
}

function refuse(name: string): never {
  throw new SatwayError('CLAIM_MALFORMED', { detail: `Field: ${name}.` });
}
