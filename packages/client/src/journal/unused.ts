import type { Database, SqlRow } from '../store/database.js';
import { integerOrNull } from '../store/row.js';
import { PURCHASE_COLUMNS, type Purchase, purchaseFromRow } from './purchase.js';

/** A purchase that is paid and from which there is something left to get. */
export interface UnusedPurchase {
  readonly purchase: Purchase;
  /** The paid call itself has not had its answer: the next call of the same thing takes it up. */
  readonly answerDue: boolean;
  /** How many calls it still pays for, the due one included; `null` where the credential does not say. */
  readonly usesLeft: number | null;
  readonly expiresAtMs: number | null;
}

/** Paid purchases that still open something at this moment, oldest first. Reads no secret. */
export function listUnused(database: Database, nowMs: number): UnusedPurchase[] {
  const columns = PURCHASE_COLUMNS.split(',').map((name) => `p.${name.trim()}`);
  return database
    .all(
      `SELECT ${columns.join(', ')}, c.uses_total, c.uses_taken, c.expires_at_ms
       FROM purchases p JOIN credentials c ON c.purchase_id = p.purchase_id
       WHERE p.paid_at_ms IS NOT NULL AND c.state = 'good' AND c.handed_over_at_ms IS NULL AND (c.expires_at_ms IS NULL OR c.expires_at_ms > ?)
         AND (p.state IN ('settled', 'redeeming') OR c.uses_taken < c.uses_total)
       ORDER BY p.created_at_ms, p.purchase_id`,
      nowMs,
    )
    .map(unusedFromRow);
}

/** Its first use was taken for the purchase when it settled. */
function unusedFromRow(row: SqlRow): UnusedPurchase {
  const purchase = purchaseFromRow(row);
  const answerDue = purchase.state !== 'redeemed';
  const total = integerOrNull(row, 'uses_total');
  const taken = integerOrNull(row, 'uses_taken') ?? 0;
  const usesLeft = total === null ? null : total - taken + (answerDue ? 1 : 0);
  return { purchase, answerDue, usesLeft, expiresAtMs: integerOrNull(row, 'expires_at_ms') };
}
