import { integer, text } from '../store/row.js';
import type { JournalParts } from './journal-parts.js';

/** So many purchases that failed before anything was sent are kept, the newest: whoever makes offers that we refuse must not fill the disk. */
const MAX_UNSENT = 1_000;
/** And for so long. */
const KEEP_UNSENT_MS = 7 * 24 * 3_600_000;
/** How many are forgotten at a time, so that no step waits for a large one; more than one step adds. */
const FORGOTTEN_AT_ONCE = 20;

/** The words of the index `purchases_never_sent`. */
const NEVER_SENT = `state = 'failed' AND send_count = 0`;

/**
 * What no sum, no proof and nobody else rests on. What was reserved once has ledger entries, and what was paid or handed to the wallet guards its hash:
 * all of that stays.
 */
const FORGETTABLE = `${NEVER_SENT} AND owner_id IS NULL AND paid_at_ms IS NULL
  AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.purchase_id = purchases.purchase_id)`;

/**
 * Drops the credential of a purchase that failed before anything was sent, which opens nothing, and with it some of the oldest of the purchases of that kind
 * that are too many or too old. Runs inside the transaction that ends the purchase; does nothing when it was sent.
 */
export function forgetUnsent(parts: JournalParts, purchaseId: string): void {
  const { database, nowMs } = parts;
  const wasSent =
    database.get(`SELECT 1 AS yes FROM purchases WHERE purchase_id = ? AND ${NEVER_SENT}`, purchaseId) === undefined;
  if (wasSent) return;
  dropCredential(parts, purchaseId);
  forgetOldest(parts, nowMs() - KEEP_UNSENT_MS, FORGOTTEN_AT_ONCE);
  forgetOldest(parts, Number.MAX_SAFE_INTEGER, Math.min(countUnsent(parts) - MAX_UNSENT, FORGOTTEN_AT_ONCE));
}

function forgetOldest(parts: JournalParts, beforeMs: number, atMost: number): void {
  if (atMost <= 0) return;
  const oldest = parts.database.all(
    `SELECT purchase_id FROM purchases WHERE ${FORGETTABLE} AND updated_at_ms < ? ORDER BY updated_at_ms LIMIT ?`,
    beforeMs,
    atMost,
  );
  for (const purchaseId of oldest.map((row) => text(row, 'purchase_id'))) {
    dropCredential(parts, purchaseId);
    parts.database.run(`DELETE FROM purchases WHERE purchase_id = ? AND ${FORGETTABLE}`, purchaseId);
  }
}

function dropCredential({ database }: JournalParts, purchaseId: string): void {
  database.run(
    `DELETE FROM credentials WHERE purchase_id = ? AND state = 'pending' AND preimage_sealed IS NULL`,
    purchaseId,
  );
}

function countUnsent({ database }: JournalParts): number {
  const row = database.get(`SELECT COUNT(*) AS n FROM purchases WHERE ${NEVER_SENT}`);
  return row === undefined ? 0 : integer(row, 'n');
}
