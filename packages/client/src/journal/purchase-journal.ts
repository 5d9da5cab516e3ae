import type { ErrorCode, FundsMoved } from '@satway/base';
import type { BudgetLimits } from '../budget/spending-limits.js';
import type { CalledThing, Purchase, Quote } from './purchase.js';
import type { PurchaseQuery } from './purchase-query.js';
import type { UnusedPurchase } from './unused.js';

/** A step that may be refused without anything being wrong. */
export type StepResult<T> =
  | { readonly ok: true; readonly value: T }
  /** `detail` says more for a person, where there is more to say; no secret. `fundsMoved` where the code alone does not tell. */
  | { readonly ok: false; readonly code: ErrorCode; readonly detail?: string; readonly fundsMoved?: FundsMoved };

/** What a reservation may take. */
export interface ReservationLimits {
  readonly feeCeilingMsat: number;
  /** Of the whole payment, fee included. */
  readonly maxTotalMsat: number;
  /** Of the purchase's budget and those above it; none when left out. */
  readonly budgetLimits?: readonly BudgetLimits[];
}

/** What a purchase has to fit into when its invoice is sent once more: whatever held for a fresh one. */
export interface ResendLimits {
  /** Of whoever wants to send it. */
  readonly budgetId: string;
  /** Of the whole payment, with all that is reserved for its fees. */
  readonly maxTotalMsat: number;
  /** Of the budget and those above it. */
  readonly budgetLimits: readonly BudgetLimits[];
}

/** What the wallet proved about a payment; the preimage was checked against the hash. */
export interface ProvenPayment {
  readonly preimageHex: string;
  /** What left the wallet without the fee; at least the invoice's amount is booked. */
  readonly amountMsat: number;
  readonly feeMsat: number;
}

/**
 * The record of every purchase. Each method is one atomic step: when it returns, no kill undoes it, and, but for `settleUnsynced` and `finishRedeeming`, no power cut either. A step is taken only from a
 * state that allows it and only by the owner that has the purchase in hand; otherwise `PURCHASE_STATE_CONFLICT` is thrown. That closes
 * the race of two processes that both want to resolve, resend or redeem one payment.
 */
export interface PurchaseJournal {
  /**
   * Writes a verified offer down, in our hands. Refused: `SELLER_STOPPED`; `PAYMENT_HASH_REUSED` when the hash stands under another purchase or
   * origin; `PURCHASE_UNDER_WAY` when the key has a purchase already, `PURCHASE_OF_OTHER_WALLET` when it is a caller's and another wallet's purchase has it. An invoice whose payment failed for good may be quoted again for the same
   * thing.
   */
  quote(quote: Quote): StepResult<string>;
  /**
   * Reserves amount and fees in the budget and every budget above it. The fee is shrunk to what budget and `maxTotalMsat` leave. Refused:
   * `PRICE_ABOVE_LIMIT`, `BUDGET_EXHAUSTED`, `SPENDING_LIMIT_REACHED`, `BUDGET_FROZEN`; the purchase then is `failed`.
   */
  reserve(purchaseId: string, limits: ReservationLimits): StepResult<{ feeCeilingMsat: number }>;
  /** What `reserve` would say at this moment, before somebody is asked in vain. Reserves nothing; refused as it is, and the purchase then is `failed`. */
  foresee(purchaseId: string, limits: ReservationLimits): StepResult<{ feeCeilingMsat: number }>;
  /**
   * `quote`, `reserve` and `startSending` in one step, for where nothing happens between them: half of the time of a purchase is waiting for the disk.
   * Refused as they are, with what they leave behind.
   */
  begin(
    quote: Quote,
    limits: ReservationLimits,
  ): StepResult<{ purchaseId: string; feeCeilingMsat: number; sentBefore: number }>;
  /**
   * Whether an unresolved purchase could be sent once more at this moment, its own reservation not counted twice. Changes nothing, also where it is refused: `SELLER_STOPPED`,
   * `PURCHASE_OF_OTHER_BUDGET`, `PRICE_ABOVE_LIMIT`, `BUDGET_EXHAUSTED`, `SPENDING_LIMIT_REACHED`, `BUDGET_FROZEN`.
   *
   * @throws {SatwayError} `PURCHASE_STATE_CONFLICT` where it is not unresolved, or the wallet once had it under way.
   */
  foreseeSendingAgain(purchaseId: string, limits: ResendLimits): StepResult<null>;
  /**
   * The last step before the same invoice is sent once more: judged as by `foreseeSendingAgain`, in the step that writes it down. What is reserved counts for this session from
   * then on. Returns how often it was sent before.
   */
  startSendingAgain(purchaseId: string, limits: ResendLimits): StepResult<number>;
  /**
   * The last step before the wallet is asked. Returns how often it was sent before.
   *
   * @throws {SatwayError} `BUDGET_FROZEN` while the kill switch is on.
   */
  startSending(purchaseId: string): number;
  /** Books the real cost, keeps the preimage, and makes the credential usable; its first use belongs to this purchase. */
  settle(purchaseId: string, payment: ProvenPayment): void;
  /**
   * As `settle`, for whoever takes the next step at once: that one waits for the disk for both. A power cut in between leaves the purchase as being sent, and the wallet is asked
   * what became of it.
   */
  settleUnsynced(purchaseId: string, payment: ProvenPayment): void;
  /**
   * As `settle`, for a purchase that had failed, or that a person had ended, and turns out paid: the money is gone. Its cost is booked now; where that passes what was reserved,
   * or a cap, the budget freezes. Where another purchase has its key by now, it gets a new one.
   */
  settleAfterAll(purchaseId: string, payment: ProvenPayment): void;
  /**
   * Ends a purchase that cost nothing, and gives its reservation back. One that was never sent loses its credential; of those the newest thousand are kept, for seven days, where
   * nothing was reserved for them.
   */
  fail(purchaseId: string, reason: string): void;
  /** Nobody knows whether the money moved: the reservation stays. `takenUp`: the wallet has looked at one request more, which is open no longer. */
  markUnknown(purchaseId: string, facts: { readonly seenInFlight: boolean; readonly takenUp?: boolean }): void;
  startRedeeming(purchaseId: string): void;
  /** The seller has answered, or will not: nothing more will be done with this purchase by itself. After a power cut it may be redeeming again. */
  finishRedeeming(purchaseId: string, outcome: string): void;
  /** The credential of a settled purchase is given to somebody else, whole and unused: from now on no call takes it from the cache. */
  handOver(purchaseId: string): void;
  /** Lets a purchase out of our hands, in the state in which it is. Does nothing when it is not in our hands. */
  park(purchaseId: string): void;
  /** Takes a purchase in hand that nobody has, or whose owner is dead. `false` when somebody living has it. */
  adopt(purchaseId: string): boolean;
  /**
   * Books an unknown payment as spent, for good: for a person to decide. `decision` says who decided, when and why, and is kept as the outcome. The
   * invoice is never paid again.
   */
  writeOff(purchaseId: string, decision: string): void;
  /** Gives the reservation of an unknown payment back, likewise: of one that the wallet has given up without saying so. */
  release(purchaseId: string, decision: string): void;

  get(purchaseId: string): Purchase | null;
  findByKey(walletId: string, idempotencyKey: string): Purchase | null;
  /** Every purchase under this key, of whatever wallet and in whatever state, oldest first. */
  listByKey(idempotencyKey: string): Purchase[];
  /** Purchases of the same thing that are not final, oldest first. */
  findUnfinished(thing: CalledThing): Purchase[];
  /** Every purchase of this wallet that is not final. */
  listUnfinished(walletId: string): Purchase[];
  /** Purchases of every wallet of whose payment nobody knows yet what became of it, oldest first. */
  listUnresolved(): Purchase[];
  /** The newest purchases, for reports. */
  list(limit?: number): Purchase[];
  /** One page of the purchases that are meant, newest first. */
  search(query: PurchaseQuery): Purchase[];
  /** Purchases whose payment hash begins with these hex digits, newest first. @throws {SatwayError} `CALL_INVALID`. */
  findByHash(digits: string): Purchase[];
  /** What is paid and still opens something at this moment, oldest first. */
  listUnused(nowMs: number): UnusedPurchase[];
}
