import type { FundsMoved } from '@satway/base';
import type { Egress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import type { WalletWatchListener } from '@satway/wallets/watch';
import type { AnomalyOptions } from '../anomaly/anomaly-options.js';
import type { ClientHooks } from '../hooks/index.js';
import type { PurchaseStore } from '../store/index.js';
import type { Approver } from './approver.js';
import type { EventListener } from './events.js';

export type { ApprovalRequest, Approver } from './approver.js';

/** Time as the client sees it; the default is the machine's. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after `waitMs`, or at once when the signal aborts. */
  sleep(waitMs: number, signal?: AbortSignal): Promise<void>;
}

/** What one call narrows of what its client allows; nothing here widens anything. */
export interface PerCallOptions {
  /** What this call may cost at most, fees included, whole satoshis. 0 pays nothing. Default: what the client allows. */
  readonly maxCostSats?: number;
  /** Asked as well, before the client's own approver. */
  readonly approve?: Approver;
}

/** How a client watches its wallet. `{}` tells whether it answers, and nothing of its balance. */
export interface ClientWatchOptions {
  /** Tell when less than this can be spent, whole satoshis; and again when a tenth more is there. */
  readonly balanceBelowSats?: number;
  /** Time between two look-ups, give or take a tenth. Default 60,000; at least 1,000. */
  readonly everyMs?: number;
  /** So many failed look-ups in a row make the wallet unreachable. Default 3. */
  readonly unreachableAfter?: number;
  /** Told of the wallet alone; the client's own `onEvent` is told too. Nothing it throws has any effect. */
  readonly onEvent?: WalletWatchListener;
}

/** Whole satoshis, fees included; 0 pays nothing. */
export interface ClientLimits {
  readonly perMinuteSats?: number | 'off';
  readonly perHourSats?: number | 'off';
  readonly perDaySats?: number | 'off';
  readonly perHostAndDaySats?: number | 'off';
  /** Since the store was opened by this process. */
  readonly perSessionSats?: number | 'off';
}

/** Who may be dealt with: those in `allow`, where it is given, and never those in `deny`. */
export interface AllowAndDeny {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** A payment of the same hash that something else makes. */
export interface PaidElsewhere {
  /** One sentence for a person; no secret. */
  readonly detail: string;
  readonly fundsMoved: FundsMoved;
}

/** How to make an `L402Client`. Only `wallet` and `store` are required; the safe values are the defaults. */
export interface L402ClientOptions {
  /** Pays. Its `network` is the only one whose invoices are paid. */
  readonly wallet: InvoicePayer;
  /** Journal, budgets and credentials, from `openPurchaseStore`; several clients and processes may share one file. */
  readonly store: PurchaseStore;
  /** Everything that this `budgetId` may ever spend, fees included, whole satoshis. Default: no such cap, but the daily `limits`. 0 pays nothing. */
  readonly budgetSats?: number;
  /**
   * What may be spent in a stretch of time, by every process that shares the budget. Default: 1,000 for a host and day, 5,000 for a day, no other; `'off'` sets
   * no limit of that kind. Where processes differ, each keeps to its own.
   */
  readonly limits?: ClientLimits;
  /** From which hosts (`host` or `host:port`) anything is bought. A host that is denied stays denied. Default: any. */
  readonly hosts?: AllowAndDeny;
  /** Which nodes (public keys, 66 hex digits) are paid. Default: any. */
  readonly payees?: AllowAndDeny;
  /** What one request may cost, fees included, whole satoshis. Default 100. 0 pays nothing. */
  readonly maxPerRequestSats?: number;
  /** Which budget in the store is charged. Default `default`. Where living processes differ in its cap, the lowest binds. */
  readonly budgetId?: string;
  /** Asked before each payment, after every check. Default: nobody is asked. */
  readonly approve?: Approver;
  /**
   * Whether something that is not in the store pays this hash from the same wallet. Asked when the purchase is on disk, right before each request to the wallet: whatever else
   * writes its own payment down first and looks into the store then, never sends one invoice together with this client. Default: nothing does.
   */
  readonly paidElsewhere?: (paymentHashHex: string) => PaidElsewhere | null;
  /** Told what happens; nothing it throws has any effect. */
  readonly onEvent?: EventListener;
  /** Called at the steps of a purchase; only `approve` among them is waited for. */
  readonly hooks?: ClientHooks;
  /** Watches what is spent, and tells of what is unusual; after the answer, never before it. Default: not watched. */
  readonly anomaly?: AnomalyOptions;
  /** Watches the wallet until the client is closed, and keeps no process from ending. Default: not watched. */
  readonly watch?: ClientWatchOptions;
  /**
   * Hosts that may be reached although they do not lie in the public Internet: `host` or `host:port`. Everything else private is refused. Default:
   * `SATWAY_ALLOW_HOSTS`, comma-separated; given here, the two add up.
   */
  readonly allowHosts?: readonly string[];
  /** The door out, with an address policy of its own. Default: one of the client's own, closed with it. */
  readonly egress?: Egress;
  readonly clock?: Clock;
  /** `n` random bytes from a cryptographic source. Default: the platform's. */
  readonly random?: (byteCount: number) => Uint8Array;
  /** Time for one HTTP exchange: repetitions, redirects and the answer's body included. Default 30,000. */
  readonly exchangeTimeoutMs?: number;
  /** Time for one request of it until its answer's head, where it carries no payment. Default 20,000. */
  readonly hopTimeoutMs?: number;
  /** How long the wallet may try to pay; afterwards the payment is unknown. Default 60,000. */
  readonly paymentTimeoutMs?: number;
  /** Largest request body that is kept for the paid repeat. Default 4 MiB. */
  readonly maxRequestBodyBytes?: number;
  /** Largest answer that is passed on, as it is once decoded. Default 10 MiB. */
  readonly maxResponseBytes?: number;
  /** Largest 402 answer that is read. Default 64 KiB. */
  readonly maxChallengeBytes?: number;
  /** How often a paid request is repeated where the seller says that it is free (busy, failed and given back). Default 3. */
  readonly maxFreeRetries?: number;
  /** Longest wait between two of those, whatever `Retry-After` says. Default 10,000. */
  readonly maxRetryWaitMs?: number;
  /** Fee to reserve where the wallet cannot bound its fees, for a payment of that amount. Default: the larger of 1 sat and 1 %. */
  readonly feeCeilingMsat?: (amountMsat: number) => number;
}

/** How a client with a part of another's budget differs from it; what is left out is as there. */
export type SubClientOptions = Pick<
  L402ClientOptions,
  'maxPerRequestSats' | 'limits' | 'hosts' | 'payees' | 'approve' | 'onEvent' | 'hooks'
> & {
  readonly budgetSats: number;
  /** A name for the part, for those who want to take it up again after a restart. Default: a new one. */
  readonly budgetId?: string;
};

/** What a call cost. */
export interface PaymentFacts {
  readonly paymentHashHex: string;
  /** What the invoice asked for; 0 where an earlier payment was used. */
  readonly paidMsat: number;
  readonly feeMsat: number;
  readonly source: 'bought' | 'cached' | 'recovered';
}
