import { SatwayError } from '@satway/base';
import type { SqlRow } from '../store/database.js';
import { integer, text } from '../store/row.js';
import { hostOf } from './host.js';
import type { JournalParts } from './journal-parts.js';
import type { ResendLimits, StepResult } from './purchase-journal.js';

/**
 * Whether a fresh purchase of the same would be allowed. All that is reserved must fit, fees too: an earlier request, of which nobody knows where it is, may cost as much. Runs
 * inside a transaction.
 */
export function foreseeSendingAgain(parts: JournalParts, purchaseId: string, limits: ResendLimits): StepResult<null> {
  const row = readUnresolved(parts, purchaseId);
  const { database } = parts;
  if (database.get('SELECT 1 FROM stopped_origins WHERE origin = ?', text(row, 'origin')) !== undefined) {
    return { ok: false, code: 'SELLER_STOPPED' };
  }
  if (text(row, 'budget_id') !== limits.budgetId) return { ok: false, code: 'PURCHASE_OF_OTHER_BUDGET' };
  const totalMsat = integer(row, 'amount_msat') + integer(row, 'fee_ceiling_msat');
  if (totalMsat > limits.maxTotalMsat) return { ok: false, code: 'PRICE_ABOVE_LIMIT' };
  return askLedger(parts, purchaseId, row, totalMsat, limits);
}

/** What was in flight once is never sent again: see `Purchase.seenInFlight`. */
function readUnresolved({ database, owner }: JournalParts, purchaseId: string): SqlRow {
  const row = database.get(
    `SELECT budget_id, amount_msat, fee_ceiling_msat, origin FROM purchases
     WHERE purchase_id = ? AND owner_id = ? AND state IN ('sending', 'unknown') AND seen_in_flight = 0`,
    purchaseId,
    owner.ownerId,
  );
  if (row === undefined) throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'It cannot be sent again now.' });
  return row;
}

function askLedger(
  { ledger }: JournalParts,
  purchaseId: string,
  row: SqlRow,
  totalMsat: number,
  { budgetId, budgetLimits }: ResendLimits,
): StepResult<null> {
  const answer = ledger.foreseeAgain({
    purchaseId,
    budgetId,
    amountMsat: totalMsat,
    wantedFeeMsat: 0,
    host: hostOf(text(row, 'origin')),
    limits: budgetLimits,
  });
  if (answer.ok) return { ok: true, value: null };
  return 'limit' in answer ? { ...answer, detail: `The limit ${answer.limit}.` } : answer;
}
