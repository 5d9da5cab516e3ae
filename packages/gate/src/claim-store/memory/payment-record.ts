import { ENDED_CLAIM_KEPT_MS, restMsAfterRelease, waitForLeaseMs } from '../claim-rules.js';
import type {
  AnswerToKeep,
  ClaimRequest,
  ClaimResult,
  CounterTake,
  IdempotencyClaim,
  KeptAnswer,
} from '../claim-store.js';
import { ClaimMemory, type RememberedClaim } from './claim-memory.js';

interface Answer {
  readonly claimId: string;
  readonly requestDigestHex: string;
  answered: boolean;
  answer: KeptAnswer | null;
  answerUntilMs: number;
}

/** What is known of one payment: its uses, its claims, the counters of its branches, the answers to its keys. */
export class PaymentRecord {
  readonly #uses: number;
  #used = 0;
  #releases = 0;
  #restUntilMs = 0;
  #keepUntilMs = 0;
  /** No lease ends before this, so that a payment with many claims under way is not walked through at every one of them. */
  #soonestLeaseEndMs = Number.POSITIVE_INFINITY;
  readonly #claims = new ClaimMemory();
  readonly #taken = new Map<string, number>();
  readonly #answers = new Map<string, Answer>();

  constructor(uses: number) {
    this.#uses = uses;
  }

  /** Gives back what leases that ran out had taken. */
  reap(nowMs: number): void {
    if (nowMs >= this.#soonestLeaseEndMs) this.#reapLeases(nowMs);
    this.#claims.forgetEnds(nowMs, ENDED_CLAIM_KEPT_MS);
  }

  #reapLeases(nowMs: number): void {
    this.#soonestLeaseEndMs = Number.POSITIVE_INFINITY;
    for (const held of this.#claims.held) {
      if (held.leaseUntilMs > nowMs) this.#soonestLeaseEndMs = Math.min(this.#soonestLeaseEndMs, held.leaseUntilMs);
      else this.#giveBack(held, 'expired');
    }
  }

  /** What a claim of this id was told before, `null` for a new one. */
  earlierResult(claimId: string): ClaimResult | null {
    const known = this.#claims.get(claimId);
    if (known === undefined) return null;
    // A claim that was given back is not granted twice under one name: its first holder could capture what the second holds.
    const stands = known.state === 'held' || known.state === 'captured';
    return stands ? { outcome: 'granted' } : { outcome: 'claim_in_progress', retryAfterMs: 1 };
  }

  /** The answer to this key, or why there is none yet; `null` where the key is free. */
  earlierAnswer({ keyHashHex, requestDigestHex }: IdempotencyClaim, nowMs: number): ClaimResult | null {
    const known = this.#answers.get(keyHashHex);
    const claim = known === undefined ? undefined : this.#claims.get(known.claimId);
    const holder = claim?.state === 'held' ? claim : undefined;
    if (known === undefined || (!known.answered && holder === undefined)) return null;
    if (known.requestDigestHex !== requestDigestHex) return { outcome: 'idempotency_conflict' };
    if (known.answered) return { outcome: 'replay', answer: known.answerUntilMs > nowMs ? known.answer : null };
    return { outcome: 'idempotency_in_progress', retryAfterMs: waitForLeaseMs((holder?.leaseUntilMs ?? 0) - nowMs) };
  }

  /** Takes one use and every counter, or says why not and takes nothing. */
  take(request: ClaimRequest, nowMs: number): ClaimResult {
    this.#keepUntilMs = Math.max(this.#keepUntilMs, request.keepUntilMs);
    const refusal = this.#refusal(request, nowMs);
    if (refusal !== null) return refusal;
    this.#used += 1;
    for (const { chainHashHex, take } of request.counters) this.#addTaken(chainHashHex, take);
    const keyHashHex = request.idempotency?.keyHashHex ?? null;
    const leaseUntilMs = nowMs + request.leaseMs;
    const { claimId, counters } = request;
    this.#claims.add({ claimId, place: -1, state: 'held', leaseUntilMs, counters, keyHashHex });
    this.#soonestLeaseEndMs = Math.min(this.#soonestLeaseEndMs, leaseUntilMs);
    if (request.idempotency !== undefined) this.#openAnswer(request.claimId, request.idempotency);
    return { outcome: 'granted' };
  }

  // The ends of a claim: whether it is as asked now, `undefined` for a claim that is not known.

  renew(claimId: string, untilMs: number, nowMs: number): boolean | undefined {
    const claim = this.#claims.get(claimId);
    if (claim === undefined) return undefined;
    if (!isLive(claim, nowMs)) return false;
    claim.leaseUntilMs = Math.max(claim.leaseUntilMs, untilMs);
    return true;
  }

  capture(claimId: string, kept: AnswerToKeep | undefined, nowMs: number): boolean | undefined {
    const claim = this.#claims.get(claimId);
    if (claim === undefined) return undefined;
    if (!isLive(claim, nowMs)) return claim.state === 'captured';
    this.#claims.end(claim, 'captured');
    if (claim.keyHashHex !== null) this.#closeAnswer(claim.keyHashHex, kept, nowMs);
    return true;
  }

  release(claimId: string, nowMs: number): boolean | undefined {
    const claim = this.#claims.get(claimId);
    if (claim === undefined) return undefined;
    if (!isLive(claim, nowMs)) return claim.state === 'released';
    this.#giveBack(claim, 'released');
    this.#releases += 1;
    this.#restUntilMs = Math.max(this.#restUntilMs, nowMs + restMsAfterRelease(this.#releases));
    return true;
  }

  /** Drops answers' bytes that died; the mark stays with the payment, so that a repeat is never charged. Returns how many. */
  forgetDeadAnswers(nowMs: number): number {
    let dropped = 0;
    for (const answer of this.#answers.values()) {
      if (answer.answer === null || answer.answerUntilMs > nowMs) continue;
      answer.answer = null;
      dropped += 1;
    }
    return dropped;
  }

  /** Whether nothing can come of this payment any more. */
  isDead(nowMs: number): boolean {
    return this.#keepUntilMs <= nowMs && this.#claims.held.size === 0;
  }

  #refusal(request: ClaimRequest, nowMs: number): ClaimResult | null {
    const uses = Math.min(this.#uses, request.uses);
    // Past its keeping time an earlier record may be gone: nothing tells a fresh payment from a consumed one.
    if (request.keepUntilMs <= nowMs) return { outcome: 'consumed' };
    if (this.#used - this.#claims.held.size >= uses) return { outcome: 'consumed' };
    if (request.counters.some((counter) => this.#captured(counter) + counter.take > counter.cap)) {
      return { outcome: 'quota_exhausted' };
    }
    if (this.#used >= uses || request.counters.some((counter) => this.#isFull(counter))) {
      return { outcome: 'claim_in_progress', retryAfterMs: this.#waitForLeaseMs(nowMs) };
    }
    if (this.#restUntilMs <= nowMs) return null;
    return { outcome: 'resting', retryAfterMs: Math.ceil(this.#restUntilMs - nowMs) };
  }

  #isFull({ chainHashHex, take, cap }: CounterTake): boolean {
    return (this.#taken.get(chainHashHex) ?? 0) + take > cap;
  }

  /** What captured claims took of a counter: that part never comes back. */
  #captured({ chainHashHex }: CounterTake): number {
    let captured = this.#taken.get(chainHashHex) ?? 0;
    for (const held of this.#claims.held) {
      for (const counter of held.counters) if (counter.chainHashHex === chainHashHex) captured -= counter.take;
    }
    return captured;
  }

  #waitForLeaseMs(nowMs: number): number {
    const ends = Array.from(this.#claims.held, (held) => held.leaseUntilMs);
    return waitForLeaseMs(Math.min(...ends) - nowMs);
  }

  #giveBack(held: RememberedClaim, state: 'released' | 'expired'): void {
    this.#used -= 1;
    for (const { chainHashHex, take } of held.counters) this.#addTaken(chainHashHex, -take);
    if (held.keyHashHex !== null) this.#answers.delete(held.keyHashHex);
    this.#claims.end(held, state);
  }

  #addTaken(chainHashHex: string, take: number): void {
    this.#taken.set(chainHashHex, (this.#taken.get(chainHashHex) ?? 0) + take);
  }

  #openAnswer(claimId: string, { keyHashHex, requestDigestHex }: IdempotencyClaim): void {
    this.#answers.set(keyHashHex, { claimId, requestDigestHex, answered: false, answer: null, answerUntilMs: 0 });
  }

  #closeAnswer(keyHashHex: string, kept: AnswerToKeep | undefined, nowMs: number): void {
    const answer = this.#answers.get(keyHashHex);
    if (answer === undefined) return;
    answer.answered = true;
    answer.answer = kept?.answer ?? null;
    answer.answerUntilMs = nowMs + (kept?.keepForMs ?? 0);
  }
}

function isLive(claim: RememberedClaim, nowMs: number): boolean {
  return claim.state === 'held' && claim.leaseUntilMs > nowMs;
}
