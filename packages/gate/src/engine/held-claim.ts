import { isSatwayError, SatwayError } from '@satway/base';
import type { AnswerToKeep, ClaimRef, ClaimStore, KeptAnswer } from '../claim-store/index.js';
import type { Claim, PaymentFacts } from './decision.js';
import type { GateEvent } from './gate-event.js';
import type { LeaseHolder, LeaseKeeper } from './lease-keeper.js';

/** What every claim of one gate shares. */
export interface ClaimDesk {
  readonly store: ClaimStore;
  readonly keeper: LeaseKeeper;
  readonly keepAnswersForMs: number;
  readonly maxKeptBodyBytes: number;
  readonly emit: (event: GateEvent) => void;
}

export interface HeldClaimFacts {
  readonly ref: ClaimRef;
  readonly payment: PaymentFacts;
  readonly endpointId: string;
  readonly leaseMs: number;
  readonly keepsAnswer: boolean;
}

const EVENT_OF_END = { captured: 'captured', released: 'released', lost: 'claim_lost' } as const;

type End = keyof typeof EVENT_OF_END;

/** A granted use of a payment, from the grant to its capture or release. */
export class HeldClaim implements Claim, LeaseHolder {
  readonly ref: ClaimRef;
  readonly leaseMs: number;
  readonly claimId: string;
  readonly paymentHashHex: string;
  readonly priceMsat: number;
  readonly model: string;
  readonly uses: number;
  readonly keepsAnswer: boolean;
  place = -1;
  dueTick = 0;
  heldTicks = 0;
  readonly #desk: ClaimDesk;
  readonly #endpointId: string;
  #end: End | null = null;

  constructor(desk: ClaimDesk, { ref, payment, endpointId, leaseMs, keepsAnswer }: HeldClaimFacts) {
    this.#desk = desk;
    this.#endpointId = endpointId;
    this.ref = ref;
    this.leaseMs = leaseMs;
    this.claimId = ref.claimId;
    this.paymentHashHex = payment.paymentHashHex;
    this.priceMsat = payment.priceMsat;
    this.model = payment.model;
    this.uses = payment.uses;
    this.keepsAnswer = keepsAnswer;
    desk.keeper.hold(this);
  }

  get maxKeptBodyBytes(): number {
    return this.keepsAnswer ? this.#desk.maxKeptBodyBytes : 0;
  }

  async capture(answer: KeptAnswer | null = null): Promise<'captured' | 'lost'> {
    if (this.#end !== null) return this.#end === 'captured' ? 'captured' : 'lost';
    // From here on nobody renews: either the capture is final, or the lease may run out.
    this.#desk.keeper.letGo(this);
    let captured: boolean;
    try {
      captured = await this.#desk.store.capture(this.ref, this.#answerToKeep(answer));
    } catch (cause) {
      this.onDoubt(cause);
      throw isSatwayError(cause) ? cause : new SatwayError('STORE_UNAVAILABLE', { cause });
    }
    // What listens to the end says nothing of the store.
    return this.#finish(captured ? 'captured' : 'lost');
  }

  async release(): Promise<'released' | 'lost' | 'left_to_expire'> {
    if (this.#end !== null) return this.#end === 'released' ? 'released' : 'lost';
    this.#desk.keeper.letGo(this);
    try {
      const released = await this.#desk.store.release(this.ref);
      return this.#finish(released ? 'released' : 'lost');
    } catch (cause) {
      this.onDoubt(cause);
      return 'left_to_expire';
    }
  }

  onLost(): void {
    this.#finish('lost');
  }

  onDoubt(cause: unknown): void {
    this.#desk.emit({
      type: 'lease_in_doubt',
      endpointId: this.#endpointId,
      paymentHashHex: this.paymentHashHex,
      cause,
    });
  }

  /** An answer that is too long is not kept; the call is marked as answered all the same. */
  #answerToKeep(answer: KeptAnswer | null): AnswerToKeep | undefined {
    if (!this.keepsAnswer) return undefined;
    const isShort = answer !== null && answer.body.byteLength <= this.#desk.maxKeptBodyBytes;
    return { answer: isShort ? answer : null, keepForMs: this.#desk.keepAnswersForMs };
  }

  #finish<E extends End>(end: E): E {
    this.#end = end;
    const type = EVENT_OF_END[end];
    this.#desk.emit({ type, endpointId: this.#endpointId, paymentHashHex: this.paymentHashHex });
    return end;
  }
}
