import { SatwayError } from '@satway/base';
import type {
  AnswerToKeep,
  ClaimRef,
  ClaimRequest,
  ClaimResult,
  ClaimStore,
  PaymentRef,
  Revocation,
  RevokeResult,
} from '../claim-store.js';
import {
  assertAnswerToKeep,
  assertClaimRef,
  assertClaimRequest,
  assertLease,
  assertPaymentRef,
  assertRevocation,
} from '../validate-claim.js';
import { PaymentRecord } from './payment-record.js';
import { RevocationBook } from './revocation-book.js';

export interface MemoryClaimStoreOptions {
  /** Milliseconds since 1970; the machine's clock when left out. */
  readonly clock?: () => number;
}

/**
 * A claim store for one process that forgets everything when it ends: for tests, for trying things out, and where a payment
 * that can be redeemed again after a restart is no loss.
 *
 * Atomic, because no step waits for anything between reading and writing.
 */
export function createMemoryClaimStore(options: MemoryClaimStoreOptions = {}): ClaimStore {
  return new MemoryClaimStore(options.clock ?? Date.now);
}

class MemoryClaimStore implements ClaimStore {
  readonly #nowMs: () => number;
  readonly #payments = new Map<string, PaymentRecord>();
  readonly #revocations = new Map<string, RevocationBook>();
  #closed = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    assertClaimRequest(request);
    const nowMs = this.#openNowMs();
    const payment = this.#payments.get(paymentKey(request));
    payment?.reap(nowMs);
    const earlier = payment?.earlierResult(request.claimId) ?? null;
    if (earlier !== null) return earlier;
    if (this.#isRevoked(request)) return { outcome: 'revoked' };
    const answered = request.idempotency === undefined ? null : payment?.earlierAnswer(request.idempotency, nowMs);
    return answered ?? this.#record(request).take(request, nowMs);
  }

  async renew(ref: ClaimRef, leaseMs: number): Promise<boolean> {
    assertLease(leaseMs);
    const nowMs = this.#openNowMs();
    return this.#holderOf(ref)?.renew(ref.claimId, nowMs + leaseMs, nowMs) ?? false;
  }

  async capture(ref: ClaimRef, answer?: AnswerToKeep): Promise<boolean> {
    if (answer !== undefined) assertAnswerToKeep(answer);
    const nowMs = this.#openNowMs();
    return this.#holderOf(ref)?.capture(ref.claimId, answer, nowMs) ?? false;
  }

  async release(ref: ClaimRef): Promise<boolean> {
    const nowMs = this.#openNowMs();
    return this.#holderOf(ref)?.release(ref.claimId, nowMs) ?? false;
  }

  async knows(payment: PaymentRef): Promise<boolean> {
    assertPaymentRef(payment);
    this.#openNowMs();
    return this.#payments.has(paymentKey(payment));
  }

  async revoke(revocation: Revocation): Promise<RevokeResult> {
    assertRevocation(revocation);
    const nowMs = this.#openNowMs();
    const key = paymentKey(revocation);
    const book = this.#revocations.get(key) ?? new RevocationBook();
    this.#revocations.set(key, book);
    return { outcome: book.add(revocation, nowMs) ? 'revoked' : 'too_many' };
  }

  async prune(): Promise<number> {
    const nowMs = this.#openNowMs();
    let pruned = 0;
    for (const [key, payment] of this.#payments) {
      payment.reap(nowMs);
      pruned += payment.forgetDeadAnswers(nowMs);
      if (payment.isDead(nowMs) && this.#payments.delete(key)) pruned += 1;
    }
    return pruned + this.#pruneRevocations(nowMs);
  }

  async ping(): Promise<void> {
    this.#openNowMs();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#payments.clear();
    this.#revocations.clear();
  }

  #openNowMs(): number {
    if (this.#closed) throw new SatwayError('STORE_UNAVAILABLE', { detail: 'The store is closed.' });
    return this.#nowMs();
  }

  /** A claim that is known was well-formed when it was made. */
  #holderOf(ref: ClaimRef): PaymentRecord | undefined {
    const payment = this.#payments.get(paymentKey(ref));
    if (payment?.knows(ref.claimId) !== true) assertClaimRef(ref);
    return payment;
  }

  #record(request: ClaimRequest): PaymentRecord {
    const key = paymentKey(request);
    const known = this.#payments.get(key);
    if (known !== undefined) return known;
    const payment = new PaymentRecord(request.uses);
    this.#payments.set(key, payment);
    return payment;
  }

  #isRevoked(request: ClaimRequest): boolean {
    return this.#revocations.get(paymentKey(request))?.holds(request.chainHashesHex) === true;
  }

  #pruneRevocations(nowMs: number): number {
    let pruned = 0;
    for (const [key, book] of this.#revocations) {
      pruned += book.prune(nowMs);
      if (book.isEmpty) this.#revocations.delete(key);
    }
    return pruned;
  }
}

function paymentKey({ tenantId, paymentHashHex }: { tenantId: string; paymentHashHex: string }): string {
  return `${tenantId} ${paymentHashHex}`;
}
