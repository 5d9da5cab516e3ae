import type { InvoicePayer } from '@satway/wallets';
import type { BudgetLimits } from '../budget/index.js';
import type { Sender } from '../call/index.js';
import type { SpendingWatch } from '../anomaly/index.js';
import type { QuoteNotice } from '../hooks/index.js';
import type { PurchaseStore } from '../store/index.js';
import type { EventListener } from './events.js';
import type { KeyedLocks } from './keyed-locks.js';
import type { Approver, Clock, PaidElsewhere } from './options.js';

/** What every step of a purchase works with: checked options and the client's few shared things. */
export interface ClientContext {
  readonly wallet: InvoicePayer;
  readonly store: PurchaseStore;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly random: (byteCount: number) => Uint8Array;
  readonly budgetId: string;
  readonly maxPerRequestMsat: number;
  /** Of this client's budget, then of those above it. */
  readonly spendingLimits: readonly BudgetLimits[];
  /** By `host:port`. */
  readonly admitsHost: (host: string) => boolean;
  /** By public key. */
  readonly admitsPayee: (payeeHex: string) => boolean;
  /** `null`: nobody is asked. */
  readonly approve: Approver | null;
  /** Left out where nothing else pays from this wallet. */
  readonly paidElsewhere?: ((paymentHashHex: string) => PaidElsewhere | null) | undefined;
  readonly feeCeilingMsat: (amountMsat: number) => number;
  readonly paymentTimeoutMs: number;
  readonly maxRequestBodyBytes: number;
  readonly maxChallengeBytes: number;
  readonly maxFreeRetries: number;
  readonly maxRetryWaitMs: number;
  /** Purchases that others wait for, by what they buy. */
  readonly locks: KeyedLocks;
  /** Tells the listener and the hooks; never throws. */
  readonly tell: EventListener;
  /** Looks at what is spent; `null` where nobody wants that. */
  readonly spendingWatch: SpendingWatch | null;
  /** Tells the hook that an offer is written down; never throws. */
  readonly quoted: (quote: QuoteNotice) => void;
  /** Work that goes on after its caller left; `close()` waits for it. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}
