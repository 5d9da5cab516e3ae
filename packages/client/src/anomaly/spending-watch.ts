import { type ErrorCode, isSatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import type { BudgetLimits } from '../budget/index.js';
import { callQuietly } from '../hooks/index.js';
import type { ClientEvent } from '../l402-client/events.js';
import type { PurchaseStore } from '../store/index.js';
import type { Anomaly, AnomalyEvent } from './anomaly.js';
import type { CheckedAnomaly } from './anomaly-options.js';
import { type LookParts, lookAtBudgets, lookAtPayment } from './look.js';
import { createWebhook, type Webhook } from './webhook.js';

/** Looks at what was paid, after the answer is there; nothing of it slows or fails a purchase. */
export interface SpendingWatch {
  /** Hears what a client tells. @param budgets - those that the client charges. */
  hear(event: ClientEvent, budgets: readonly BudgetLimits[]): void;
  /** What it pays is looked at when it has ended. */
  callStarted(): void;
  /** A call has ended, well or with this error: now there is time to look. */
  callEnded(error: unknown, budgets: readonly BudgetLimits[]): void;
  /** Looks at what is left now: a budget that is closed has no limit any more. */
  look(): void;
  /** Looks at what is left, and gives each alarm that waits a last attempt. */
  close(): Promise<void>;
}

/** What a watch is made of. */
export interface SpendingWatchParts {
  readonly options: CheckedAnomaly;
  readonly store: PurchaseStore;
  readonly egress: Pick<Egress, 'exchange'>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly tell: (event: AnomalyEvent) => void;
}

/** One thing to look at. */
type Matter =
  | { readonly paymentHashHex: string; readonly budgets: readonly BudgetLimits[] }
  | { readonly refusedMsat: number; readonly host: string | null; readonly budgets: readonly BudgetLimits[] };

/** More matters than that are not kept; the next payment is looked at again. */
const MAX_MATTERS = 1_000;
const CLOSE_PATIENCE_MS = 5_000;
const WANT_OF_BUDGET: readonly ErrorCode[] = ['BUDGET_EXHAUSTED', 'SPENDING_LIMIT_REACHED'];

export function createSpendingWatch(parts: SpendingWatchParts): SpendingWatch {
  const matters: Matter[] = [];
  const webhook = openWebhook(parts);
  let isDue = false;
  let callsUnderWay = 0;
  const look = (): void => {
    isDue = false;
    const budgetsSeen = createSeen();
    for (const matter of matters.splice(0)) callQuietly(() => lookAt(parts, webhook, matter, budgetsSeen));
  };
  const add = (matter: Matter): void => void (matters.length < MAX_MATTERS && matters.push(matter));
  const lookSoon = (): void => {
    if (isDue || matters.length === 0) return;
    isDue = true;
    // Behind whatever the caller does with the answer at once.
    setImmediate(look);
  };
  return {
    hear(event, budgets) {
      if (event.type !== 'paid') return;
      add({ paymentHashHex: event.paymentHashHex, budgets });
      // What recovery finds belongs to no call; a call that is under way has its look at its end.
      if (callsUnderWay === 0) lookSoon();
    },
    callStarted: () => void (callsUnderWay += 1),
    callEnded(error, budgets) {
      callsUnderWay -= 1;
      const refused = refusalOf(error);
      if (refused !== null) add({ ...refused, budgets });
      lookSoon();
    },
    look,
    async close() {
      look();
      await webhook?.close(CLOSE_PATIENCE_MS);
    },
  };
}

function refusalOf(error: unknown): { refusedMsat: number; host: string | null } | null {
  if (!isSatwayError(error) || !WANT_OF_BUDGET.includes(error.code)) return null;
  const { amountMsat, host } = error.facts;
  return { refusedMsat: typeof amountMsat === 'number' ? amountMsat : 1, host: typeof host === 'string' ? host : null };
}

/** `true` the first time that it is asked about the same budgets and host. */
type Seen = (budgets: readonly BudgetLimits[], host: string) => boolean;

/** Of many payments to one host, each is looked at, but the budgets once: they are where they are after the last of them. */
function createSeen(): Seen {
  const seen = new Map<readonly BudgetLimits[], Set<string>>();
  return (budgets, host) => {
    const hosts = seen.get(budgets) ?? new Set();
    seen.set(budgets, hosts);
    return !hosts.has(host) && hosts.add(host).has(host);
  };
}

function lookAt(parts: SpendingWatchParts, webhook: Webhook | null, matter: Matter, isNew: Seen): void {
  const { store, options, nowMs } = parts;
  const look: LookParts = { options, history: store.history, budgets: store.budgets, nowMs };
  for (const anomaly of anomaliesOf(store, look, matter, isNew)) giveAlarm(parts, webhook, anomaly);
}

function* anomaliesOf(store: PurchaseStore, look: LookParts, matter: Matter, isNew: Seen): Generator<Anomaly> {
  const { budgets } = matter;
  if ('refusedMsat' in matter) {
    yield* lookAtBudgets(look, budgets, matter.host, matter.refusedMsat);
    return;
  }
  const [purchase] = store.journal.findByHash(matter.paymentHashHex);
  if (purchase === undefined) return;
  yield* lookAtPayment(look, purchase);
  const { host } = new URL(purchase.origin);
  if (isNew(budgets, host)) yield* lookAtBudgets(look, budgets, host, 0);
}

function giveAlarm(
  { options, tell, newId, nowMs }: SpendingWatchParts,
  webhook: Webhook | null,
  anomaly: Anomaly,
): void {
  const event: AnomalyEvent = { type: 'anomaly', anomalyId: newId(), atMs: nowMs(), ...anomaly };
  tell(event);
  callQuietly(() => options.log(logLine('warn', event)));
  webhook?.push(event.anomalyId, JSON.stringify({ v: 1, ...event }));
}

function openWebhook(parts: SpendingWatchParts): Webhook | null {
  const { options, egress, nowMs } = parts;
  if (options.webhook === null) return null;
  return createWebhook({
    options: options.webhook,
    egress,
    nowMs,
    pause: pauseQuietly,
    jitter: Math.random,
    onGivenUp: (anomalyId, why) => {
      const lost = { type: 'anomaly_webhook_failed', anomalyId, why, atMs: nowMs() };
      callQuietly(() => options.log(logLine('error', lost)));
    },
  });
}

/** One line of JSON, as programs that read logs want it. */
function logLine(level: 'warn' | 'error', facts: { readonly atMs: number }): string {
  const { atMs, ...rest } = facts;
  return JSON.stringify({ time: new Date(atMs).toISOString(), level, ...rest });
}

/** A wait that keeps no process from ending. */
function pauseQuietly(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, waitMs).unref();
    signal.addEventListener('abort', wake);
  });
}
