import type { Database } from '../store/database.js';
import { integer } from '../store/row.js';

/** What one budget holds back for a purchase that is not decided, in millisatoshis. */
export function heldFor(database: Database, purchaseId: string, budgetId: string): number {
  const row = database.get(
    'SELECT reserved_msat FROM ledger WHERE purchase_id = ? AND budget_id = ? AND closed IS NULL',
    purchaseId,
    budgetId,
  );
  return row === undefined ? 0 : integer(row, 'reserved_msat');
}

/** Whoever sends a payment spends it, whoever reserved it. */
export function takeIntoSession(database: Database, purchaseId: string, sessionId: string): void {
  database.run('UPDATE ledger SET session_id = ? WHERE purchase_id = ? AND closed IS NULL', sessionId, purchaseId);
}
