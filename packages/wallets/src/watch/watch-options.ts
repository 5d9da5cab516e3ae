import { SatwayError } from '@satway/base';
import type { InvoicePayer, ReceivingWallet } from '../wallet.js';
import { backgroundClock, type WatchClock } from './watch-clock.js';
import type { WalletWatchListener } from './watch-event.js';

/** What a watch asks of a wallet that pays. */
export type WatchedPayer = Pick<InvoicePayer, 'balance'>;
/** What a watch asks of a wallet that receives. */
export type WatchedReceiver = Pick<ReceivingWallet, 'lookUp' | 'receivableMsat'>;

/** One wallet to watch. */
export interface WatchedWallet {
  /** Stands in every event; no secret. */
  readonly name: string;
  readonly wallet: WatchedPayer | WatchedReceiver;
  /** Tell when less than this can be spent. A positive whole number of millisatoshis. */
  readonly balanceBelowMsat?: number;
  /** Tell when less than this can be received. */
  readonly inboundBelowMsat?: number;
}

/** How wallets are watched. */
export interface WatchOptions {
  readonly wallets: readonly WatchedWallet[];
  readonly onEvent: WalletWatchListener;
  /** Time between two look-ups, give or take a tenth; 60,000 by default, at least 1,000. */
  readonly everyMs?: number;
  /** The same after a failed look-up; 10,000 by default, at most `everyMs`. */
  readonly retryEveryMs?: number;
  /** So many failures in a row make a wallet unreachable; 3 by default. */
  readonly unreachableAfter?: number;
  /** A look-up that takes longer counts as failed; 60,000 by default, longer than any wallet's own limit. */
  readonly lookUpTimeoutMs?: number;
  readonly clock?: WatchClock;
  /** From 0 to below 1, to spread look-ups. */
  readonly random?: () => number;
}

/** The options with every default filled in. */
export type CheckedWatchOptions = Required<WatchOptions>;

/** Timers take no more than 31 bits of milliseconds, and a tenth is added. */
const LONGEST_WAIT_MS = 1_900_000_000;

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a mark or a time that is no number in range: a watch that can never tell is worse than none. */
export function checkWatchOptions(options: WatchOptions): CheckedWatchOptions {
  const { everyMs = 60_000, retryEveryMs = Math.min(10_000, everyMs) } = options;
  for (const { balanceBelowMsat, inboundBelowMsat } of options.wallets) {
    checkMark('balanceBelowMsat', balanceBelowMsat);
    checkMark('inboundBelowMsat', inboundBelowMsat);
  }
  return {
    wallets: options.wallets,
    onEvent: options.onEvent,
    everyMs: inRange('everyMs', everyMs, 1000, LONGEST_WAIT_MS),
    retryEveryMs: inRange('retryEveryMs', retryEveryMs, 1000, everyMs),
    unreachableAfter: inRange('unreachableAfter', options.unreachableAfter ?? 3, 1, 1_000_000),
    lookUpTimeoutMs: inRange('lookUpTimeoutMs', options.lookUpTimeoutMs ?? 60_000, 1, LONGEST_WAIT_MS),
    clock: options.clock ?? backgroundClock,
    random: options.random ?? Math.random,
  };
}

function checkMark(name: string, markMsat: number | undefined): void {
  if (markMsat !== undefined) inRange(name, markMsat, 1, Number.MAX_SAFE_INTEGER);
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SatwayError('WALLET_NOT_CONFIGURED', {
    detail: `${name} of the wallet watch must be a whole number from ${least} to ${most}.`,
  });
}
