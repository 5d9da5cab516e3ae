import type { Database } from '../store/database.js';
import { integer } from '../store/row.js';

/** What a budget may spend in a stretch of time, fees included, in millisatoshis; `null` sets no limit. */
export interface SpendingLimits {
  /** In the last 60 seconds, at any moment. */
  readonly perMinuteMsat: number | null;
  /** In the last 60 minutes. */
  readonly perHourMsat: number | null;
  /** In the last 24 hours. */
  readonly perDayMsat: number | null;
  /** To one host, port included, in the last 24 hours. */
  readonly perHostAndDayMsat: number | null;
  /** Since this process opened the store. */
  readonly perSessionMsat: number | null;
}

export type LimitName = 'perMinute' | 'perHour' | 'perDay' | 'perHostAndDay' | 'perSession';

/** The limits that one process sets for one budget. */
export interface BudgetLimits {
  readonly budgetId: string;
  readonly limits: SpendingLimits;
}

/** Where one limit stands. */
export interface LimitState {
  readonly limit: LimitName;
  readonly capMsat: number;
  /** Spent and reserved in its stretch of time. */
  readonly usedMsat: number;
}

/** Whose spending is asked for; `host` where there is one to speak of. */
export interface SpendingQuestion {
  readonly nowMs: number;
  readonly sessionId: string;
  readonly host: string | null;
  /** A purchase whose open reservation is not counted. */
  readonly withoutPurchaseId?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Where the limits of one budget stand; those that are not set, or that ask for a host where there is none, are left out. */
export function limitStates(
  database: Database,
  { budgetId, limits }: BudgetLimits,
  { nowMs, sessionId, host, withoutPurchaseId = '' }: SpendingQuestion,
): LimitState[] {
  const used = (sinceMs: number, more = '', ...values: string[]): number =>
    usedSince(database, budgetId, sinceMs, `AND NOT (closed IS NULL AND purchase_id = ?) ${more}`, [
      withoutPurchaseId,
      ...values,
    ]);
  const states: (LimitState | null)[] = [
    state('perMinute', limits.perMinuteMsat, () => used(nowMs - MINUTE_MS)),
    state('perHour', limits.perHourMsat, () => used(nowMs - HOUR_MS)),
    state('perDay', limits.perDayMsat, () => used(nowMs - DAY_MS)),
    host === null
      ? null
      : state('perHostAndDay', limits.perHostAndDayMsat, () => used(nowMs - DAY_MS, 'AND host = ?', host)),
    state('perSession', limits.perSessionMsat, () => used(0, 'AND session_id = ?', sessionId)),
  ];
  return states.filter((each) => each !== null);
}

function state(limit: LimitName, capMsat: number | null, used: () => number): LimitState | null {
  return capMsat === null ? null : { limit, capMsat, usedMsat: used() };
}

/**
 * What is reserved counts in full until it is decided, then what was spent counts from that moment on. A clock that was set back makes entries of the
 * future, which count too.
 */
function usedSince(
  database: Database,
  budgetId: string,
  sinceMs: number,
  more: string,
  values: readonly string[],
): number {
  const row = database.get(
    `SELECT COALESCE(SUM(CASE WHEN closed IS NULL THEN reserved_msat ELSE spent_msat END), 0) AS used FROM ledger
     WHERE budget_id = ? AND (closed_at_ms IS NULL OR closed_at_ms > ?) ${more}`,
    budgetId,
    sinceMs,
    ...values,
  );
  return row === undefined ? 0 : integer(row, 'used');
}

/** Of one process, in millisatoshis. */
export interface SessionSpending {
  readonly spentMsat: number;
  readonly reservedMsat: number;
}

export function sessionSpending(database: Database, budgetId: string, sessionId: string): SessionSpending {
  const row = database.get(
    `SELECT COALESCE(SUM(CASE WHEN closed IS NULL THEN 0 ELSE spent_msat END), 0) AS spent,
       COALESCE(SUM(CASE WHEN closed IS NULL THEN reserved_msat ELSE 0 END), 0) AS reserved
     FROM ledger WHERE budget_id = ? AND session_id = ?`,
    budgetId,
    sessionId,
  );
  return row === undefined
    ? { spentMsat: 0, reservedMsat: 0 }
    : { spentMsat: integer(row, 'spent'), reservedMsat: integer(row, 'reserved') };
}

/** The limit that leaves least; `null` where there is none. */
export function tightest(states: readonly LimitState[]): { limit: LimitName; leftMsat: number } | null {
  const left = states.map(({ limit, capMsat, usedMsat }) => ({ limit, leftMsat: capMsat - usedMsat }));
  return left.reduce<{ limit: LimitName; leftMsat: number } | null>(
    (least, each) => (least === null || each.leftMsat < least.leftMsat ? each : least),
    null,
  );
}
