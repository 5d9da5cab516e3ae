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
import { ByPayment } from './by-payment.js';
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
  readonly #payments = new ByPayment<PaymentRecord>();
  readonly #revocations = new ByPayment<RevocationBook>();
  #closed = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    assertClaimRequest(request);
    const nowMs = this.#openNowMs();
    const payment = this.#payments.get(request);
    payment?.reap(nowMs);
    const earlier = payment?.earlierResult(request.claimId) ?? null;
    if (earlier !== null) return earlier;
    if (this.#isRevoked(request)) return { outcome: 'revoked' };
    const answered = request.idempotency === undefined ? null : payment?.earlierAnswer(request.idempotency, nowMs);
    return answered ?? (payment ?? this.#open(request)).take(request, nowMs);
  }

  async renew(ref: ClaimRef, leaseMs: number): Promise<boolean> {
    assertLease(leaseMs);
    const nowMs = this.#openNowMs();
    return done(ref, this.#payments.get(ref)?.renew(ref.claimId, nowMs + leaseMs, nowMs));
  }

  async capture(ref: ClaimRef, answer?: AnswerToKeep): Promise<boolean> {
    if (answer !== undefined) assertAnswerToKeep(answer);
    const nowMs = this.#openNowMs();
    return done(ref, this.#payments.get(ref)?.capture(ref.claimId, answer, nowMs));
  }

  async release(ref: ClaimRef): Promise<boolean> {
    const nowMs = this.#openNowMs();
    return done(ref, this.#payments.get(ref)?.release(ref.claimId, nowMs));
  }

  async knows(payment: PaymentRef): Promise<boolean> {
    assertPaymentRef(payment);
    this.#openNowMs();
    return this.#payments.get(payment) !== undefined;
  }

  async revoke(revocation: Revocation): Promise<RevokeResult> {
    assertRevocation(revocation);
    const nowMs = this.#openNowMs();
    const book = this.#revocations.get(revocation) ?? new RevocationBook();
    this.#revocations.set(revocation, book);
    return { outcome: book.add(revocation, nowMs) ? 'revoked' : 'too_many' };
  }

  async prune(): Promise<number> {
    const nowMs = this.#openNowMs();
    let answers = 0;
    const payments = this.#payments.dropWhere((payment) => {
      payment.reap(nowMs);
      answers += payment.forgetDeadAnswers(nowMs);
      return payment.isDead(nowMs);
    });
    return answers + payments + this.#pruneRevocations(nowMs);
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

  #open(request: ClaimRequest): PaymentRecord {
    const payment = new PaymentRecord(request.uses);
    this.#payments.set(request, payment);
    return payment;
  }

  #isRevoked(request: ClaimRequest): boolean {
    return this.#revocations.get(request)?.holds(request.chainHashesHex) === true;
  }

  #pruneRevocations(nowMs: number): number {
    let pruned = 0;
    this.#revocations.dropWhere((book) => {
      pruned += book.prune(nowMs);
      return book.isEmpty;
    });
    return pruned;
  }
}

/** A claim that is known was well-formed when it was made; one that is not may be a malformed one. */
function done(ref: ClaimRef, outcome: boolean | undefined): boolean {
  if (outcome === undefined) assertClaimRef(ref);
  return outcome ?? false;
}
