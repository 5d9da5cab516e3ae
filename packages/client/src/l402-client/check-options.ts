import { webcrypto } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { Sender } from '../call/index.js';
import { defaultFeeCeilingMsat } from '../budget/fee-ceiling.js';
import { NO_CAP_MSAT } from '../budget/index.js';
import { type CheckedAnomaly, checkAnomaly } from '../anomaly/index.js';
import { checkHooks, type ClientHooks, createNotices } from '../hooks/index.js';
import { satsToMsat } from './amounts.js';
import { bothApprove } from './call-terms.js';
import { checkHosts, checkLimits, checkPayees } from './check-limits.js';
import { systemClock } from './clock.js';
import type { ClientContext } from './context.js';
import { quietly } from './events.js';
import { refuseUnknownInClient } from './known-options.js';
import type { Approver, ClientWatchOptions, L402ClientOptions } from './options.js';

/** What holds when nothing is configured, whole satoshis. */
export const DEFAULT_MAX_PER_REQUEST_SATS = 100;

const WATCH_EVERY_MS = 60_000;
const UNREACHABLE_AFTER = 3;

/** Timers take no more than 31 bits of milliseconds. */
const LONGEST_TIMER_MS = 0x7fff_ffff;
/** Longest time limit: a wait of it plus the seconds of grace that are added on the way must still fit a timer, which would else fire at once. */
const LONGEST_TIMEOUT_MS = LONGEST_TIMER_MS - 60_000;

/** The checked options of a client, as far as they are values. */
export type CheckedOptions = Omit<ClientContext, 'locks' | 'keepAlive' | 'sender' | 'spendingWatch'> &
  Required<Omit<Sender, 'egress'>> & {
    readonly budgetMsat: number;
    readonly watch: CheckedWatch | null;
    readonly anomaly: CheckedAnomaly | null;
  };

/** How the wallet is watched, defaults filled in. */
export interface CheckedWatch {
  readonly balanceBelowMsat: number | null;
  readonly everyMs: number;
  readonly unreachableAfter: number;
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE`. */
export function checkOptions(options: L402ClientOptions): CheckedOptions {
  refuseUnknownInClient(options);
  refuseWrongKinds(options);
  const { budgetId = 'default', maxPerRequestSats = DEFAULT_MAX_PER_REQUEST_SATS } = options;
  if (typeof budgetId !== 'string' || budgetId === '' || budgetId.length > 200) throw invalid('budgetId');
  return {
    wallet: options.wallet,
    store: options.store,
    paidElsewhere: options.paidElsewhere,
    budgetId,
    budgetMsat: options.budgetSats === undefined ? NO_CAP_MSAT : satsToMsat('budgetSats', options.budgetSats),
    spendingLimits: [{ budgetId, limits: checkLimits(options.limits) }],
    admitsHost: checkHosts(options.hosts),
    admitsPayee: checkPayees(options.payees),
    maxPerRequestMsat: satsToMsat('maxPerRequestSats', maxPerRequestSats),
    ...checkTelling(options),
    clock: options.clock ?? systemClock,
    random: options.random ?? ((byteCount) => webcrypto.getRandomValues(new Uint8Array(byteCount))),
    feeCeilingMsat: options.feeCeilingMsat ?? defaultFeeCeilingMsat,
    watch: options.watch === undefined ? null : checkWatch(options.watch),
    anomaly: options.anomaly === undefined ? null : checkAnomaly(options.anomaly),
    ...checkBounds(options),
  };
}

/** An approver that is no function would not be asked, and a door that is none would not be gone through. */
function refuseWrongKinds(options: L402ClientOptions): void {
  const functions = ['approve', 'paidElsewhere', 'onEvent', 'random', 'feeCeilingMsat'] as const;
  const notCalled = functions.find((name) => !['undefined', 'function'].includes(typeof options[name]));
  if (notCalled !== undefined) throw invalid(notCalled);
  const { wallet, store, allowHosts, egress, clock } = options;
  if (!isObject(wallet)) throw invalid('wallet');
  if (!isObject(store)) throw invalid('store');
  if (egress !== undefined && !isObject(egress)) throw invalid('egress');
  if (clock !== undefined && !isObject(clock)) throw invalid('clock');
  if (allowHosts !== undefined && !Array.isArray(allowHosts)) throw invalid('allowHosts');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Who is told, and who is asked. */
function checkTelling({
  approve,
  onEvent,
  hooks = {},
}: L402ClientOptions): Pick<ClientContext, 'approve' | 'tell' | 'quoted'> {
  const notices = createNotices(checkHooks(hooks));
  const tellListener = quietly(onEvent);
  return {
    approve: bothApprove(approve ?? null, approverOf(hooks)),
    tell: (event) => {
      tellListener(event);
      notices.hear(event);
    },
    quoted: (quote) => notices.quoted(quote),
  };
}

function approverOf(hooks: ClientHooks): Approver | null {
  return hooks.approve === undefined ? null : async (...asked) => (await hooks.approve?.(...asked)) ?? false;
}

/** A mark of 0 could never be passed from above, so it is a mistake and not a way to say "none". */
function checkWatch({ balanceBelowSats, everyMs, unreachableAfter }: ClientWatchOptions): CheckedWatch {
  if (balanceBelowSats === 0) throw invalid('watch.balanceBelowSats');
  return {
    balanceBelowMsat: balanceBelowSats === undefined ? null : satsToMsat('watch.balanceBelowSats', balanceBelowSats),
    everyMs: count('watch.everyMs', everyMs ?? WATCH_EVERY_MS, 1000, 1_000_000_000),
    unreachableAfter: count('watch.unreachableAfter', unreachableAfter ?? UNREACHABLE_AFTER, 1, 1_000_000),
  };
}

/** How long and how much one call may be. */
export type CallBounds = Pick<
  L402ClientOptions,
  | 'exchangeTimeoutMs'
  | 'hopTimeoutMs'
  | 'paymentTimeoutMs'
  | 'maxRequestBodyBytes'
  | 'maxResponseBytes'
  | 'maxChallengeBytes'
  | 'maxFreeRetries'
  | 'maxRetryWaitMs'
>;

/** Defaults filled in. @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function checkBounds(options: CallBounds): Required<CallBounds> {
  return {
    exchangeTimeoutMs: count('exchangeTimeoutMs', options.exchangeTimeoutMs ?? 30_000, 1, LONGEST_TIMEOUT_MS),
    hopTimeoutMs: count('hopTimeoutMs', options.hopTimeoutMs ?? 20_000, 1, LONGEST_TIMEOUT_MS),
    paymentTimeoutMs: count('paymentTimeoutMs', options.paymentTimeoutMs ?? 60_000, 1, LONGEST_TIMEOUT_MS),
    maxRequestBodyBytes: count('maxRequestBodyBytes', options.maxRequestBodyBytes ?? 4 * 1024 * 1024, 0),
    maxResponseBytes: count('maxResponseBytes', options.maxResponseBytes ?? 10 * 1024 * 1024, 1),
    maxChallengeBytes: count('maxChallengeBytes', options.maxChallengeBytes ?? 64 * 1024, 1),
    maxFreeRetries: count('maxFreeRetries', options.maxFreeRetries ?? 3, 0),
    maxRetryWaitMs: count('maxRetryWaitMs', options.maxRetryWaitMs ?? 10_000, 0),
  };
}

function count(option: string, value: number, least: number, most = LONGEST_TIMER_MS): number {
  if (!Number.isInteger(value) || value < least || value > most) throw invalid(option);
  return value;
}

function invalid(option: string): SatwayError {
  return new SatwayError('CLIENT_OPTIONS_INVALID', { detail: `Option ${option}.` });
}
