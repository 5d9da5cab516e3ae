import { SatwayError } from '@satway/base';
import { isSwitchedOff } from '../budget/kill-switch.js';
import { learnPath } from '../credential-cache/known-paths.js';
import type { Database, SqlValue } from '../store/database.js';
import { integer, integerOrNull, text } from '../store/row.js';
import { credentialPlace } from '../vault/seal-credentials.js';
import {
  type DecidedFailure,
  HANDED_OVER,
  PURCHASE_COLUMNS,
  type Purchase,
  type PurchaseState,
  purchaseFromRow,
} from './purchase.js';
import type { ProvenPayment, PurchaseJournal, ReservationLimits, StepResult } from './purchase-journal.js';
import type { JournalParts } from './journal-parts.js';
import { forgetUnsent } from './forget-unsent.js';
import { hostOf } from './host.js';
import { hashRange, type PurchaseQuery, whereFor } from './purchase-query.js';
import { insertQuote } from './quote.js';
import { foreseeSendingAgain } from './send-again.js';
import { listUnused } from './unused.js';

/** The journal on SQLite. */
export function createSqliteJournal(parts: JournalParts): PurchaseJournal {
  const { database } = parts;
  return {
    quote: (quote) => database.atomically(() => insertQuote(parts, quote)),
    reserve: (purchaseId, limits) => reserve(parts, purchaseId, limits),
    foresee: (purchaseId, limits) => failIfRefused(parts, purchaseId, () => foresee(parts, purchaseId, limits)),
    begin: (quote, limits) => begin(parts, quote, limits),
    foreseeSendingAgain: (purchaseId, limits) =>
      withoutDeadCaps(parts, () => foreseeSendingAgain(parts, purchaseId, limits)),
    startSendingAgain: (purchaseId, limits) =>
      withoutDeadCaps(parts, () => {
        const room = foreseeSendingAgain(parts, purchaseId, limits);
        if (!room.ok) return room;
        parts.ledger.takeIntoSession(purchaseId);
        return { ok: true, value: startSending(parts, purchaseId) };
      }),
    startSending: (purchaseId) => startSending(parts, purchaseId),
    settle: (purchaseId, payment) => database.atomically(() => settle(parts, purchaseId, payment)),
    settleUnsynced: (purchaseId, payment) => database.atomicallyUnsynced(() => settle(parts, purchaseId, payment)),
    settleAfterAll: (purchaseId, payment) => database.atomically(() => settleAfterAll(parts, purchaseId, payment)),
    fail: (purchaseId, reason) => database.atomically(() => fail(parts, purchaseId, reason)),
    markUnknown: (purchaseId, { seenInFlight, takenUp = false }) =>
      step(
        parts,
        purchaseId,
        ['sending', 'unknown'],
        'unknown',
        'seen_in_flight = MAX(seen_in_flight, ?), open_sendings = MAX(open_sendings - ?, 0)',
        seenInFlight ? 1 : 0,
        takenUp ? 1 : 0,
      ),
    startRedeeming: (purchaseId) => step(parts, purchaseId, ['settled', 'redeeming'], 'redeeming'),
    finishRedeeming: (purchaseId, outcome) => finishRedeeming(parts, purchaseId, outcome),
    handOver: (purchaseId) => database.atomically(() => handOver(parts, purchaseId)),
    park: (purchaseId) => park(parts, purchaseId),
    adopt: (purchaseId) => adopt(parts, purchaseId),
    writeOff: (purchaseId, decision) => database.atomically(() => writeOff(parts, purchaseId, decision)),
    release: (purchaseId, decision) => database.atomically(() => release(parts, purchaseId, decision)),
    ...lookUps(database),
  };
}

function lookUps(
  database: Database,
): Pick<
  PurchaseJournal,
  | 'get'
  | 'findByKey'
  | 'listByKey'
  | 'findUnfinished'
  | 'listUnfinished'
  | 'listUnresolved'
  | 'list'
  | 'search'
  | 'findByHash'
  | 'listUnused'
> {
  const select = (where: string, ...values: SqlValue[]): Purchase[] =>
    database.all(`SELECT ${PURCHASE_COLUMNS} FROM purchases WHERE ${where}`, ...values).map(purchaseFromRow);
  const search = (query: PurchaseQuery): Purchase[] => {
    const { sql, values } = whereFor(query);
    return select(sql, ...values);
  };
  return {
    get: (purchaseId) => select('purchase_id = ?', purchaseId)[0] ?? null,
    findByKey: (walletId, key) =>
      select(`wallet_id = ? AND idempotency_key = ? AND state <> 'failed'`, walletId, key)[0] ?? null,
    listByKey: (key) => select('idempotency_key = ? ORDER BY created_at_ms', key),
    findUnfinished: ({ walletId, method, url, bodySha256Hex }) =>
      select(
        `wallet_id = ? AND url = ? AND state NOT IN ('redeemed', 'failed') AND method = ? AND body_sha256_hex = ? ORDER BY created_at_ms`,
        walletId,
        url,
        method,
        bodySha256Hex,
      ),
    listUnfinished: (walletId) =>
      select(`wallet_id = ? AND state NOT IN ('redeemed', 'failed') ORDER BY created_at_ms`, walletId),
    listUnresolved: () => select(`state IN ('sending', 'unknown') ORDER BY created_at_ms`),
    list: (limit = 100) => search({ limit }),
    search,
    findByHash: (digits) =>
      select('payment_hash_hex >= ? AND payment_hash_hex < ? ORDER BY created_at_ms DESC', ...hashRange(digits)),
    listUnused: (nowMs) => listUnused(database, nowMs),
  };
}

/** Moves a purchase in our hands from one of `from` to `to`. @throws {SatwayError} `PURCHASE_STATE_CONFLICT`. */
function step(
  { database, owner, nowMs }: JournalParts,
  purchaseId: string,
  from: readonly PurchaseState[],
  to: PurchaseState,
  alsoSet = 'outcome = outcome',
  ...values: SqlValue[]
): void {
  const changed = database.run(stepSql(from, to, alsoSet), nowMs(), ...values, purchaseId, owner.ownerId);
  if (changed !== 1) throw wrongState(to);
}

function stepSql(from: readonly PurchaseState[], to: PurchaseState, alsoSet: string): string {
  const allowed = from.map((state) => `'${state}'`).join(', ');
  return `UPDATE purchases SET state = '${to}', updated_at_ms = ?, ${alsoSet}
     WHERE purchase_id = ? AND owner_id = ? AND state IN (${allowed})`;
}

function wrongState(to: PurchaseState): SatwayError {
  return new SatwayError('PURCHASE_STATE_CONFLICT', { detail: `It cannot become ${to} now.` });
}

/** Where a power cut takes this back, the next call of the same thing asks for the answer once more, under the same key. */
function finishRedeeming({ database, owner, nowMs }: JournalParts, purchaseId: string, outcome: string): void {
  const sql = stepSql(['settled', 'redeeming'], 'redeemed', 'owner_id = NULL, outcome = ?');
  if (database.runUnsynced(sql, nowMs(), outcome, purchaseId, owner.ownerId) !== 1) throw wrongState('redeemed');
}

function reserve(
  parts: JournalParts,
  purchaseId: string,
  limits: ReservationLimits,
): ReturnType<PurchaseJournal['reserve']> {
  return failIfRefused(parts, purchaseId, () => tryReserve(parts, purchaseId, limits));
}

function failIfRefused(
  parts: JournalParts,
  purchaseId: string,
  step: () => ReturnType<PurchaseJournal['reserve']>,
): ReturnType<PurchaseJournal['reserve']> {
  const result = withoutDeadCaps(parts, step);
  if (result.ok) return result;
  const { code } = result;
  parts.database.atomically(() => fail(parts, purchaseId, code));
  return result;
}

/** A step in a transaction of its own. A cap of a process that is dead by now must not bind; finding that out opens lock files, so only when it matters. */
function withoutDeadCaps<T>({ database, ledger }: JournalParts, step: () => StepResult<T>): StepResult<T> {
  const result = database.atomically(step);
  if (result.ok || result.code !== 'BUDGET_EXHAUSTED' || ledger.dropCapsOfDeadOwners() === 0) return result;
  return database.atomically(step);
}

/** Where the budget refuses, the quote stands, and `reserve` ends it in its own way. */
function begin(
  parts: JournalParts,
  quote: Parameters<PurchaseJournal['begin']>[0],
  limits: ReservationLimits,
): ReturnType<PurchaseJournal['begin']> {
  const begun = parts.database.atomically(() => {
    const quoted = insertQuote(parts, quote);
    if (!quoted.ok) return quoted;
    const reserved = tryReserve(parts, quoted.value, limits);
    const sentBefore = reserved.ok ? startSending(parts, quoted.value) : null;
    return { ok: true as const, value: { purchaseId: quoted.value, reserved, sentBefore } };
  });
  if (!begun.ok) return begun;
  const { purchaseId, reserved, sentBefore } = begun.value;
  if (reserved.ok && sentBefore !== null) return { ok: true, value: { purchaseId, ...reserved.value, sentBefore } };
  const again = reserve(parts, purchaseId, limits);
  return again.ok
    ? { ok: true, value: { purchaseId, ...again.value, sentBefore: startSending(parts, purchaseId) } }
    : again;
}

function tryReserve(
  parts: JournalParts,
  purchaseId: string,
  limits: ReservationLimits,
): ReturnType<PurchaseJournal['reserve']> {
  const reserved = askLedger(parts, purchaseId, limits, (wanted) => parts.ledger.reserve(wanted));
  if (reserved.ok) {
    step(parts, purchaseId, ['quoted'], 'reserved', 'fee_ceiling_msat = ?', reserved.value.feeCeilingMsat);
  }
  return reserved;
}

function foresee(
  parts: JournalParts,
  purchaseId: string,
  limits: ReservationLimits,
): ReturnType<PurchaseJournal['reserve']> {
  return askLedger(parts, purchaseId, limits, (wanted) => parts.ledger.foresee(wanted));
}

function askLedger(
  parts: JournalParts,
  purchaseId: string,
  limits: ReservationLimits,
  question: JournalParts['ledger']['reserve'],
): ReturnType<PurchaseJournal['reserve']> {
  const row = parts.database.get(
    'SELECT budget_id, amount_msat, origin FROM purchases WHERE purchase_id = ?',
    purchaseId,
  );
  if (row === undefined) throw new SatwayError('PURCHASE_STATE_CONFLICT');
  const amountMsat = integer(row, 'amount_msat');
  if (amountMsat > limits.maxTotalMsat) return { ok: false, code: 'PRICE_ABOVE_LIMIT' };
  const wantedFeeMsat = Math.min(limits.feeCeilingMsat, limits.maxTotalMsat - amountMsat);
  const answer = question({
    purchaseId,
    budgetId: text(row, 'budget_id'),
    amountMsat,
    wantedFeeMsat,
    host: hostOf(text(row, 'origin')),
    limits: limits.budgetLimits ?? [],
  });
  return !answer.ok && 'limit' in answer ? { ...answer, detail: `The limit ${answer.limit}.` } : answer;
}

function startSending({ database, owner, nowMs }: JournalParts, purchaseId: string): number {
  const row = database.get(
    `UPDATE purchases SET state = 'sending', send_count = send_count + 1, open_sendings = open_sendings + 1, updated_at_ms = ?
     WHERE purchase_id = ? AND owner_id = ? AND state IN ('reserved', 'sending', 'unknown')
       AND NOT EXISTS (SELECT 1 FROM kill_switch) RETURNING send_count`,
    nowMs(),
    purchaseId,
    owner.ownerId,
  );
  if (row === undefined && isSwitchedOff(database)) throw new SatwayError('BUDGET_FROZEN');
  if (row === undefined) throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'It cannot be sent now.' });
  return integer(row, 'send_count') - 1;
}

function settle(parts: JournalParts, purchaseId: string, payment: ProvenPayment): void {
  const { feeMsat } = payment;
  step(parts, purchaseId, ['sending', 'unknown'], 'settled', 'fee_msat = ?, paid_at_ms = ?', feeMsat, parts.nowMs());
  parts.ledger.commit(purchaseId, payment.amountMsat + payment.feeMsat);
  makeUsable(parts, purchaseId, payment.preimageHex);
}

function settleAfterAll(parts: JournalParts, purchaseId: string, payment: ProvenPayment): void {
  const { feeMsat } = payment;
  leaveKey(parts, purchaseId);
  const also = 'failure = NULL, open_sendings = 0, fee_msat = ?, paid_at_ms = ?';
  step(parts, purchaseId, ['failed'], 'settled', also, feeMsat, parts.nowMs());
  parts.ledger.commitAfterAll(purchaseId, payment.amountMsat + payment.feeMsat);
  makeUsable(parts, purchaseId, payment.preimageHex);
}

/** Since it failed, its call may have been made again under the same key. */
function leaveKey({ database, newId }: JournalParts, purchaseId: string): void {
  database.run(
    `UPDATE purchases AS late SET idempotency_key = ?, key_given = 0 WHERE purchase_id = ? AND EXISTS (SELECT 1 FROM purchases p
       WHERE p.wallet_id = late.wallet_id AND p.idempotency_key = late.idempotency_key AND p.state <> 'failed')`,
    newId(),
    purchaseId,
  );
}

/** What the payment bought can be used from now on; where that is more than one call, the place is remembered, so that the next one needs no unpaid leg. */
function makeUsable({ database, vault }: JournalParts, purchaseId: string, preimageHex: string): void {
  const row = database.get(
    `SELECT c.origin, c.payment_hash_hex, c.scope, c.uses_total, p.target_method, p.target_url, p.body_sha256_hex
     FROM credentials c JOIN purchases p USING (purchase_id) WHERE purchase_id = ?`,
    purchaseId,
  );
  if (row === undefined) throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'Its credential is gone.' });
  const origin = text(row, 'origin');
  const place = credentialPlace(
    { purchaseId, origin, paymentHashHex: text(row, 'payment_hash_hex') },
    'preimage_sealed',
  );
  database.run(
    `UPDATE credentials SET state = 'good', preimage_sealed = ?, uses_taken = 1 WHERE purchase_id = ?`,
    vault.seal(place, preimageHex),
    purchaseId,
  );
  if (integerOrNull(row, 'uses_total') === 1) return;
  const { pathname: path } = new URL(text(row, 'target_url'));
  const sold = { origin, path, method: text(row, 'target_method'), bodySha256Hex: text(row, 'body_sha256_hex') };
  learnPath(database, sold, text(row, 'scope'));
}

function handOver(parts: JournalParts, purchaseId: string): void {
  step(parts, purchaseId, ['settled'], 'redeemed', 'owner_id = NULL, outcome = ?', HANDED_OVER);
  parts.database.run('UPDATE credentials SET handed_over_at_ms = ? WHERE purchase_id = ?', parts.nowMs(), purchaseId);
}

function fail(parts: JournalParts, purchaseId: string, reason: string): void {
  const from = ['quoted', 'reserved', 'sending', 'unknown'] as const;
  step(parts, purchaseId, from, 'failed', 'owner_id = NULL, open_sendings = 0, failure = ?', reason);
  parts.ledger.release(purchaseId);
  forgetUnsent(parts, purchaseId);
}

function writeOff(parts: JournalParts, purchaseId: string, decision: string): void {
  decide(parts, purchaseId, 'written_off', decision);
  parts.ledger.writeOff(purchaseId);
}

function release(parts: JournalParts, purchaseId: string, decision: string): void {
  decide(parts, purchaseId, 'released', decision);
  parts.ledger.release(purchaseId);
}

function decide(parts: JournalParts, purchaseId: string, failure: DecidedFailure, decision: string): void {
  step(parts, purchaseId, ['unknown'], 'failed', 'owner_id = NULL, failure = ?, outcome = ?', failure, decision);
}

function park({ database, owner, nowMs }: JournalParts, purchaseId: string): void {
  database.run(
    'UPDATE purchases SET owner_id = NULL, updated_at_ms = ? WHERE purchase_id = ? AND owner_id = ?',
    nowMs(),
    purchaseId,
    owner.ownerId,
  );
}

/** Liveness is asked outside the transaction, so the owner that was found dead is named in the update: somebody else may be faster. */
function adopt({ database, owner, nowMs }: JournalParts, purchaseId: string): boolean {
  const row = database.get('SELECT owner_id FROM purchases WHERE purchase_id = ?', purchaseId);
  if (row === undefined) return false;
  const holder = row['owner_id'] === null ? null : text(row, 'owner_id');
  if (holder !== null && owner.isAlive(holder)) return false;
  const changed = database.run(
    'UPDATE purchases SET owner_id = ?, updated_at_ms = ? WHERE purchase_id = ? AND owner_id IS ?',
    owner.ownerId,
    nowMs(),
    purchaseId,
    holder,
  );
  return changed === 1;
}
