import type { Database } from '../store/database.js';
import { dropSurplus } from '../store/drop-surplus.js';
import { integer, integerOrNull, text } from '../store/row.js';
import type { Purchase } from '../journal/index.js';

const HOUR_MS = 3_600_000;
/** How far back an hour counts as history. */
const HISTORY_HOURS = 30 * 24;

/** What went to one host lately and before, in millisatoshis. */
export interface HostSpending {
  /** In the last 60 minutes. */
  readonly lastHourMsat: number;
  /** In the busiest whole hour before those, of the last 30 days. */
  readonly busiestHourMsat: number;
  /** Hours before those in which anything was spent. */
  readonly activeHours: number;
}

/** What the store knows of earlier spending, and which alarms were given; shared by all processes of a store. */
export interface SpendingHistory {
  /** Whether nothing was paid to the same origin before this payment. */
  isFirstOfHost(purchase: Purchase): boolean;
  /** The price for one use, now and at the payment before, of the same thing; `null` where there was none. */
  prices(purchase: Purchase): { readonly previousMsat: number; readonly nowMsat: number } | null;
  lastHour(origin: string, nowMs: number): number;
  spendingOf(origin: string, nowMs: number): HostSpending;
  /** Takes the right to give an alarm, in one step: of several processes one gets it. With `quietMs` it can be had again after that time. */
  claimAlarm(kind: string, subject: string, nowMs: number, quietMs: number | null): boolean;
  /** The cause is gone: the next time, the alarm is given anew. */
  clearAlarms(subject: string): void;
}

export function createSpendingHistory(database: Database): SpendingHistory {
  return {
    isFirstOfHost: ({ origin, paidAtMs, purchaseId }) =>
      database.get(
        `SELECT 1 AS yes FROM purchases WHERE origin = ? AND paid_at_ms IS NOT NULL
           AND (paid_at_ms, purchase_id) < (?, ?) LIMIT 1`,
        origin,
        paidAtMs,
        purchaseId,
      ) === undefined,
    prices: (purchase) => pricesOf(database, purchase),
    lastHour: (origin, nowMs) => lastHour(database, origin, nowMs),
    spendingOf: (origin, nowMs) => spendingOf(database, origin, nowMs),
    claimAlarm: (kind, subject, nowMs, quietMs) => claimAlarm(database, kind, subject, nowMs, quietMs),
    clearAlarms: (subject) => clearAlarms(database, subject),
  };
}

/** A credential for several calls has a price for each of them. */
function pricesOf(
  database: Database,
  { origin, scope, purchaseId, paidAtMs }: Purchase,
): ReturnType<SpendingHistory['prices']> {
  const rows = database.all(
    `SELECT p.purchase_id, p.amount_msat, c.uses_total FROM purchases p JOIN credentials c ON c.purchase_id = p.purchase_id
     WHERE p.origin = ? AND p.scope = ? AND p.paid_at_ms IS NOT NULL AND (p.paid_at_ms, p.purchase_id) <= (?, ?)
     ORDER BY p.paid_at_ms DESC, p.purchase_id DESC LIMIT 2`,
    origin,
    scope,
    paidAtMs,
    purchaseId,
  );
  const [now, previous] = rows.map(
    (row) => integer(row, 'amount_msat') / Math.max(integerOrNull(row, 'uses_total') ?? 1, 1),
  );
  const isOurs = rows[0] !== undefined && text(rows[0], 'purchase_id') === purchaseId;
  return isOurs && now !== undefined && previous !== undefined ? { nowMsat: now, previousMsat: previous } : null;
}

function lastHour(database: Database, origin: string, nowMs: number): number {
  const row = database.get(
    'SELECT COALESCE(SUM(amount_msat + COALESCE(fee_msat, 0)), 0) AS spent FROM purchases WHERE origin = ? AND paid_at_ms > ?',
    origin,
    nowMs - HOUR_MS,
  );
  return row === undefined ? 0 : integer(row, 'spent');
}

/** Whole hours are added up once and kept, so that a long history costs nothing. */
function spendingOf(database: Database, origin: string, nowMs: number): HostSpending {
  const firstRecent = Math.floor((nowMs - HOUR_MS) / HOUR_MS);
  addUpHours(database, origin, firstRecent);
  const row = database.get(
    'SELECT COALESCE(MAX(spent_msat), 0) AS busiest, COUNT(*) AS hours FROM spending_hours WHERE origin = ? AND hour >= ? AND hour < ?',
    origin,
    firstRecent - HISTORY_HOURS,
    firstRecent,
  );
  return {
    lastHourMsat: lastHour(database, origin, nowMs),
    busiestHourMsat: row === undefined ? 0 : integer(row, 'busiest'),
    activeHours: row === undefined ? 0 : integer(row, 'hours'),
  };
}

/** Nothing is paid in the past, so an hour that is over stays as it was added up, whoever does it and however often. */
function addUpHours(database: Database, origin: string, before: number): void {
  const last = database.get('SELECT MAX(hour) AS hour FROM spending_hours WHERE origin = ?', origin);
  const from =
    Math.max((last === undefined ? null : integerOrNull(last, 'hour')) ?? -1, before - HISTORY_HOURS - 1) + 1;
  const isThereMore = database.get(
    'SELECT 1 AS yes FROM purchases WHERE origin = ? AND paid_at_ms >= ? AND paid_at_ms < ? LIMIT 1',
    origin,
    from * HOUR_MS,
    before * HOUR_MS,
  );
  if (isThereMore === undefined) return;
  database.run(
    `INSERT OR REPLACE INTO spending_hours
     SELECT origin, paid_at_ms / ${HOUR_MS}, SUM(amount_msat + COALESCE(fee_msat, 0)) FROM purchases
     WHERE origin = ? AND paid_at_ms >= ? AND paid_at_ms < ? GROUP BY 2`,
    origin,
    from * HOUR_MS,
    before * HOUR_MS,
  );
  database.run('DELETE FROM spending_hours WHERE origin = ? AND hour < ?', origin, before - HISTORY_HOURS);
  dropSurplus(database, { table: 'spending_hours', key: 'origin, hour', first: 'hour, origin' });
}

function claimAlarm(database: Database, kind: string, subject: string, nowMs: number, quietMs: number | null): boolean {
  const given = database.get('SELECT at_ms FROM given_alarms WHERE kind = ? AND subject = ?', kind, subject);
  const again = quietMs === null ? -1 : nowMs - quietMs;
  // Mostly it was given already; finding that out writes nothing.
  if (given !== undefined && integer(given, 'at_ms') > again) return false;
  const changed = database.run(
    'INSERT INTO given_alarms VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms WHERE at_ms <= ?',
    kind,
    subject,
    nowMs,
    again,
  );
  dropSurplus(database, { table: 'given_alarms', key: 'kind, subject', first: 'at_ms' });
  return changed === 1;
}

function clearAlarms(database: Database, subject: string): void {
  if (database.get('SELECT 1 AS yes FROM given_alarms WHERE subject = ?', subject) === undefined) return;
  database.run('DELETE FROM given_alarms WHERE subject = ?', subject);
}
