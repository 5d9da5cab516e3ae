import type { BudgetLimits, Budgets, LimitName } from '../budget/index.js';
import type { Purchase } from '../journal/index.js';
import type { Anomaly } from './anomaly.js';
import type { CheckedAnomaly } from './anomaly-options.js';
import type { SpendingHistory } from './spending-history.js';

/** What is looked at. */
export interface LookParts {
  readonly options: CheckedAnomaly;
  readonly history: SpendingHistory;
  readonly budgets: Pick<Budgets, 'state' | 'limitStates'>;
  readonly nowMs: () => number;
}

/** What is unusual about one payment. */
export function lookAtPayment(parts: LookParts, purchase: Purchase): Anomaly[] {
  return [newHost(parts, purchase), priceChange(parts, purchase), spendingRate(parts, purchase)].filter(
    (each) => each !== null,
  );
}

function newHost({ options, history }: LookParts, purchase: Purchase): Anomaly | null {
  if (!options.newHost || !history.isFirstOfHost(purchase)) return null;
  const { paymentHashHex, amountMsat } = purchase;
  return { kind: 'new_host', host: hostOf(purchase), paymentHashHex, amountMsat };
}

function priceChange({ options, history }: LookParts, purchase: Purchase): Anomaly | null {
  if (options.priceFactor === null) return null;
  const prices = history.prices(purchase);
  if (prices === null) return null;
  const { previousMsat, nowMsat } = prices;
  const factor = nowMsat / previousMsat;
  if (Math.max(factor, 1 / factor) < options.priceFactor) return null;
  const { paymentHashHex, scope } = purchase;
  const what = { host: hostOf(purchase), scope: scope.replace(/\?.*$/, ''), paymentHashHex };
  return { kind: 'price_changed', ...what, previousMsat, amountMsat: nowMsat, factor: rounded(factor) };
}

/** Cheap questions first: only what could be unusual is held against the history. */
function spendingRate({ options, history, nowMs }: LookParts, purchase: Purchase): Anomaly | null {
  const { spendingRate: rate } = options;
  const { origin } = purchase;
  const now = nowMs();
  if (rate === null || history.lastHour(origin, now) < rate.minMsat) return null;
  const { lastHourMsat, busiestHourMsat, activeHours } = history.spendingOf(origin, now);
  if (activeHours < rate.minHours || lastHourMsat <= rate.factor * busiestHourMsat) return null;
  if (!history.claimAlarm('spending_rate', origin, now, rate.quietMs)) return null;
  const factor = rounded(lastHourMsat / Math.max(busiestHourMsat, 1));
  return { kind: 'spending_rate', host: hostOf(purchase), spentMsat: lastHourMsat, busiestHourMsat, factor };
}

/** Where one budget, or one limit of it, stands. */
interface Level {
  readonly budgetId: string;
  readonly limit: LimitName | 'total';
  readonly host: string | null;
  readonly usedMsat: number;
  readonly capMsat: number;
}

/**
 * What of these budgets is nearly or fully used. Each is told once, until it was below again.
 *
 * @param refusedMsat - what was just refused for want of budget; 0 for nothing.
 */
export function lookAtBudgets(
  parts: LookParts,
  budgets: readonly BudgetLimits[],
  host: string | null,
  refusedMsat: number,
): Anomaly[] {
  const { budgetShare } = parts.options;
  if (budgetShare === null) return [];
  const levels = budgets.flatMap((each) => levelsOf(parts, each, host));
  return levels.map((level) => judgeLevel(parts, level, budgetShare, refusedMsat)).filter((each) => each !== null);
}

function levelsOf({ budgets }: LookParts, each: BudgetLimits, host: string | null): Level[] {
  const { budgetId } = each;
  const { capMsat, spentMsat, reservedMsat } = budgets.state(budgetId);
  const total: Level[] =
    capMsat === null ? [] : [{ budgetId, limit: 'total', host: null, usedMsat: spentMsat + reservedMsat, capMsat }];
  const limits = budgets.limitStates(each, host ?? undefined).map((state) => ({
    ...state,
    budgetId,
    host: state.limit === 'perHostAndDay' ? host : null,
  }));
  return [...total, ...limits];
}

function judgeLevel(parts: LookParts, level: Level, share: number, refusedMsat: number): Anomaly | null {
  const { history, nowMs } = parts;
  const subject = JSON.stringify([level.budgetId, level.limit, level.host]);
  const isSpent = level.usedMsat + Math.max(refusedMsat, 1) > level.capMsat && level.usedMsat + refusedMsat > 0;
  const isNear = level.usedMsat >= share * level.capMsat && level.usedMsat > 0;
  if (!isNear && !isSpent) {
    history.clearAlarms(subject);
    return null;
  }
  const kind = isSpent ? 'budget_spent' : 'budget_nearly_spent';
  return history.claimAlarm(kind, subject, nowMs(), null) ? { kind, ...level } : null;
}

function hostOf({ origin }: Purchase): string {
  return new URL(origin).host;
}

function rounded(factor: number): number {
  return Math.round(factor * 1000) / 1000;
}
