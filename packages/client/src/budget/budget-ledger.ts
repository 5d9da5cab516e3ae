import { randomUUID } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { StepResult } from '../journal/purchase-journal.js';
import type { Database, SqlRow } from '../store/database.js';
import type { Owner } from '../store/owner.js';
import { integer, integerOrNull, text, textOrNull } from '../store/row.js';
import { heldFor, takeIntoSession } from './held.js';
import { createKillSwitch, isSwitchedOff, type KillSwitch } from './kill-switch.js';
import {
  type BudgetLimits,
  type LimitName,
  type LimitState,
  limitStates,
  type SessionSpending,
  sessionSpending,
  tightest,
} from './spending-limits.js';

/** What a client registers that sets no cap of its own. */
export const NO_CAP_MSAT = Number.MAX_SAFE_INTEGER;

/** Where a budget stands, in millisatoshis, fees included. `capMsat`: the lowest cap of the living processes; `null` when none sets one. */
export interface BudgetState {
  readonly budgetId: string;
  /** The budget above it; `null` for one that stands by itself. */
  readonly parentId: string | null;
  readonly capMsat: number | null;
  readonly reservedMsat: number;
  readonly spentMsat: number;
  readonly frozenReason: string | null;
}

/** What is to be reserved; the fee may be shrunk, the amount may not. */
export interface ReservationRequest {
  readonly purchaseId: string;
  readonly budgetId: string;
  readonly amountMsat: number;
  readonly wantedFeeMsat: number;
  /** Who is paid: host and port of the origin. */
  readonly host: string;
  /** Of this budget and those above it, as far as this process sets any. */
  readonly limits: readonly BudgetLimits[];
}

/** Why a reservation was refused; `limit` names the one that was met, `null` for the budget itself. */
export type ReservationRefusal =
  | { readonly ok: false; readonly code: 'BUDGET_FROZEN' | 'BUDGET_EXHAUSTED' }
  | { readonly ok: false; readonly code: 'SPENDING_LIMIT_REACHED'; readonly limit: LimitName };

/** Budgets for the outside: caps and states. */
export interface Budgets extends KillSwitch {
  /**
   * Makes the budget when missing, and says what this client lets it spend at most. Returns a name under which to take the cap back.
   *
   * @param parentId - the budget above it, which must be there; what a budget is part of never changes.
   * @throws {SatwayError} `BUDGET_PARENT_CONFLICT`.
   */
  registerCap(budgetId: string, capMsat: number, parentId?: string): string;
  dropCap(capId: string): void;
  state(budgetId: string): BudgetState;
  /** Every budget of the store. */
  list(): BudgetState[];
  /** Where limits stand now, those of one host where it is named. */
  limitStates(limits: BudgetLimits, host?: string): LimitState[];
  /** What this opened store has spent of a budget, and what it holds back for payments that are not decided; fees included. */
  ofSession(budgetId: string): SessionSpending;
  /** A person has looked at the overrun. */
  unfreeze(budgetId: string): void;
}

/** The steps that belong into the journal's transactions. */
export interface BudgetLedger extends Budgets {
  /**
   * Refused: `BUDGET_EXHAUSTED`, `SPENDING_LIMIT_REACHED`, `BUDGET_FROZEN` (also by the kill switch). Also when no cap is registered: what nobody
   * allows is not spent.
   */
  reserve(request: ReservationRequest): StepResult<{ feeCeilingMsat: number }> | ReservationRefusal;
  /** What `reserve` would say at this moment; reserves nothing. */
  foresee(request: ReservationRequest): StepResult<{ feeCeilingMsat: number }> | ReservationRefusal;
  /** What `reserve` would say if the purchase held nothing yet, for one that does. Changes nothing. */
  foreseeAgain(request: ReservationRequest): StepResult<{ feeCeilingMsat: number }> | ReservationRefusal;
  /** What is held for a purchase counts for this session from now on. */
  takeIntoSession(purchaseId: string): void;
  /** Books what was really spent; above the reservation, the budget freezes. */
  commit(purchaseId: string, spentMsat: number): void;
  release(purchaseId: string): void;
  /**
   * As `commit`, for what was given back or written off and was paid after all. The budget freezes as well where this takes it above a cap: what was given back may
   * have been spent on something else since.
   */
  commitAfterAll(purchaseId: string, spentMsat: number): void;
  /** Books the whole reservation as spent. */
  writeOff(purchaseId: string): void;
  /** How many caps of dead processes were removed. */
  dropCapsOfDeadOwners(): number;
}

/** Ledger rows and running totals in the purchase store, changed together. */
export function createBudgetLedger(database: Database, owner: Owner, nowMs: () => number): BudgetLedger {
  return {
    ...createKillSwitch(database, nowMs),
    registerCap: (budgetId, capMsat, parentId) =>
      database.atomically(() => registerCap(database, owner, budgetId, capMsat, parentId ?? null)),
    dropCap: (capId) => void database.run('DELETE FROM budget_caps WHERE cap_id = ?', capId),
    state: (budgetId) => stateOf(database, budgetId),
    list: () =>
      database
        .all('SELECT budget_id FROM budgets ORDER BY budget_id')
        .map((row) => stateOf(database, text(row, 'budget_id'))),
    limitStates: (limits, host) =>
      limitStates(database, limits, { nowMs: nowMs(), sessionId: owner.ownerId, host: host ?? null }),
    ofSession: (budgetId) => sessionSpending(database, budgetId, owner.ownerId),
    unfreeze: (budgetId) => void database.run('UPDATE budgets SET frozen_reason = NULL WHERE budget_id = ?', budgetId),
    reserve: (request) => reserve({ database, owner, nowMs }, request),
    foresee: (request) => foresee({ database, owner, nowMs }, request),
    foreseeAgain: (request) => foresee({ database, owner, nowMs }, request, request.purchaseId),
    takeIntoSession: (purchaseId) => takeIntoSession(database, purchaseId, owner.ownerId),
    commit: (purchaseId, spentMsat) => closeEntries(database, nowMs, purchaseId, 'committed', () => spentMsat),
    release: (purchaseId) => closeEntries(database, nowMs, purchaseId, 'released', () => 0),
    commitAfterAll: (purchaseId, spentMsat) => commitAfterAll(database, nowMs, purchaseId, spentMsat),
    writeOff: (purchaseId) => closeEntries(database, nowMs, purchaseId, 'written_off', (reservedMsat) => reservedMsat),
    dropCapsOfDeadOwners: () => dropCapsOfDeadOwners(database, owner),
  };
}

function registerCap(
  database: Database,
  owner: Owner,
  budgetId: string,
  capMsat: number,
  parentId: string | null,
): string {
  const capId = randomUUID();
  database.run('INSERT INTO budgets (budget_id, parent_id) VALUES (?, ?) ON CONFLICT DO NOTHING', budgetId, parentId);
  const row = budgetRow(database, budgetId);
  if (row === undefined || (parentId !== null && textOrNull(row, 'parent_id') !== parentId)) {
    throw new SatwayError('BUDGET_PARENT_CONFLICT', { detail: budgetId.slice(0, 200) });
  }
  database.run('INSERT INTO budget_caps VALUES (?, ?, ?, ?)', capId, budgetId, owner.ownerId, capMsat);
  return capId;
}

function stateOf(database: Database, budgetId: string): BudgetState {
  const row = budgetRow(database, budgetId);
  if (row === undefined)
    return { budgetId, parentId: null, capMsat: null, reservedMsat: 0, spentMsat: 0, frozenReason: null };
  return {
    budgetId,
    parentId: textOrNull(row, 'parent_id'),
    capMsat: capOf(row),
    reservedMsat: integer(row, 'reserved_msat'),
    spentMsat: integer(row, 'spent_msat'),
    frozenReason: textOrNull(row, 'frozen_reason'),
  };
}

function capOf(row: SqlRow): number | null {
  const capMsat = integerOrNull(row, 'cap_msat');
  return capMsat === NO_CAP_MSAT ? null : capMsat;
}

function budgetRow(database: Database, budgetId: string): SqlRow | undefined {
  return database.get(
    `SELECT parent_id, reserved_msat, spent_msat, frozen_reason,
       (SELECT MIN(cap_msat) FROM budget_caps c WHERE c.budget_id = b.budget_id) AS cap_msat FROM budgets b WHERE budget_id = ?`,
    budgetId,
  );
}

/** The budget and every budget above it, nearest first. */
function chainOf(database: Database, budgetId: string): { budgetId: string; row: SqlRow }[] {
  const chain: { budgetId: string; row: SqlRow }[] = [];
  for (let next: string | null = budgetId; next !== null; ) {
    const row = budgetRow(database, next);
    if (row === undefined) throw new SatwayError('PURCHASE_STORE_FAILED', { detail: 'A budget is missing.' });
    chain.push({ budgetId: next, row });
    next = textOrNull(row, 'parent_id');
  }
  return chain;
}

/** What a reservation is written with. */
interface Books {
  readonly database: Database;
  readonly owner: Owner;
  readonly nowMs: () => number;
}

/** @param withoutPurchaseId - whose open reservation counts as not there. */
function foresee(
  books: Books,
  request: ReservationRequest,
  withoutPurchaseId?: string,
): ReturnType<BudgetLedger['reserve']> {
  const { database } = books;
  const { amountMsat, wantedFeeMsat } = request;
  const chain = chainOf(database, request.budgetId);
  const isFrozen = isSwitchedOff(database) || chain.some(({ row }) => row['frozen_reason'] !== null);
  if (isFrozen) return { ok: false, code: 'BUDGET_FROZEN' };
  const heldIn = (budgetId: string) =>
    withoutPurchaseId === undefined ? 0 : heldFor(database, withoutPurchaseId, budgetId);
  const leftInBudget = Math.min(...chain.map(({ budgetId, row }) => leftIn(row) + heldIn(budgetId)));
  if (leftInBudget < amountMsat) return { ok: false, code: 'BUDGET_EXHAUSTED' };
  const met = tightestOf(books, request, withoutPurchaseId);
  if (met !== null && met.leftMsat < amountMsat) return { ok: false, code: 'SPENDING_LIMIT_REACHED', limit: met.limit };
  const leftMsat = Math.min(leftInBudget, met?.leftMsat ?? leftInBudget);
  return { ok: true, value: { feeCeilingMsat: Math.min(wantedFeeMsat, leftMsat - amountMsat) } };
}

function reserve(books: Books, request: ReservationRequest): ReturnType<BudgetLedger['reserve']> {
  const room = foresee(books, request);
  if (!room.ok) return room;
  let parentId: number | null = null;
  // From the top down, so that each entry can name the one above it.
  for (const { budgetId } of chainOf(books.database, request.budgetId).toReversed()) {
    parentId = openEntry(books, request, budgetId, parentId, request.amountMsat + room.value.feeCeilingMsat);
  }
  return room;
}

function tightestOf(
  { database, owner, nowMs }: Books,
  { limits, host }: ReservationRequest,
  withoutPurchaseId?: string,
) {
  const left = withoutPurchaseId === undefined ? {} : { withoutPurchaseId };
  const question = { nowMs: nowMs(), sessionId: owner.ownerId, host, ...left };
  return tightest(limits.flatMap((each) => limitStates(database, each, question)));
}

function leftIn(row: SqlRow): number {
  const capMsat = integerOrNull(row, 'cap_msat') ?? 0;
  return capMsat - integer(row, 'reserved_msat') - integer(row, 'spent_msat');
}

function openEntry(
  { database, owner, nowMs }: Books,
  { purchaseId, host }: ReservationRequest,
  budgetId: string,
  parentId: number | null,
  reservedMsat: number,
): number {
  const entry = database.get(
    `INSERT INTO ledger (purchase_id, budget_id, parent_id, reserved_msat, opened_at_ms, host, session_id)
     VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING entry_id`,
    purchaseId,
    budgetId,
    parentId,
    reservedMsat,
    nowMs(),
    host,
    owner.ownerId,
  );
  database.run('UPDATE budgets SET reserved_msat = reserved_msat + ? WHERE budget_id = ?', reservedMsat, budgetId);
  if (entry === undefined) throw new SatwayError('PURCHASE_STORE_FAILED');
  return integer(entry, 'entry_id');
}

function closeEntries(
  database: Database,
  nowMs: () => number,
  purchaseId: string,
  how: 'committed' | 'released' | 'written_off',
  spentOf: (reservedMsat: number) => number,
): void {
  const entries = database.all(
    'SELECT entry_id, budget_id, reserved_msat FROM ledger WHERE purchase_id = ? AND closed IS NULL',
    purchaseId,
  );
  for (const entry of entries) {
    const reservedMsat = integer(entry, 'reserved_msat');
    const spentMsat = spentOf(reservedMsat);
    database.run(
      'UPDATE ledger SET closed = ?, spent_msat = ?, closed_at_ms = ? WHERE entry_id = ?',
      how,
      spentMsat,
      nowMs(),
      integer(entry, 'entry_id'),
    );
    database.run(
      `UPDATE budgets SET reserved_msat = reserved_msat - ?, spent_msat = spent_msat + ?, frozen_reason = COALESCE(frozen_reason, ?)
       WHERE budget_id = ?`,
      reservedMsat,
      spentMsat,
      spentMsat > reservedMsat ? 'overrun' : null,
      text(entry, 'budget_id'),
    );
  }
}

/** The entries of the newest attempt, from its own budget upwards. */
const NEWEST_ENTRIES = `WITH RECURSIVE newest AS (
  SELECT * FROM ledger WHERE entry_id = (SELECT MAX(entry_id) FROM ledger WHERE purchase_id = ?)
  UNION ALL SELECT l.* FROM ledger l JOIN newest n ON l.entry_id = n.parent_id)
SELECT entry_id, budget_id, reserved_msat, spent_msat FROM newest WHERE closed IN ('released', 'written_off')`;

function commitAfterAll(database: Database, nowMs: () => number, purchaseId: string, spentMsat: number): void {
  for (const entry of database.all(NEWEST_ENTRIES, purchaseId)) {
    const budgetId = text(entry, 'budget_id');
    database.run(
      `UPDATE ledger SET closed = 'committed', spent_msat = ?, closed_at_ms = ? WHERE entry_id = ?`,
      spentMsat,
      nowMs(),
      integer(entry, 'entry_id'),
    );
    database.run(
      'UPDATE budgets SET spent_msat = spent_msat + ? WHERE budget_id = ?',
      spentMsat - integer(entry, 'spent_msat'),
      budgetId,
    );
    if (spentMsat > integer(entry, 'reserved_msat') || isAboveCap(database, budgetId))
      freezeForOverrun(database, budgetId);
  }
}

function isAboveCap(database: Database, budgetId: string): boolean {
  const row = budgetRow(database, budgetId);
  return row !== undefined && row['cap_msat'] !== null && leftIn(row) < 0;
}

function freezeForOverrun(database: Database, budgetId: string): void {
  database.run(`UPDATE budgets SET frozen_reason = COALESCE(frozen_reason, 'overrun') WHERE budget_id = ?`, budgetId);
}

function dropCapsOfDeadOwners(database: Database, owner: Owner): number {
  const owners = database.all('SELECT DISTINCT owner_id FROM budget_caps').map((row) => text(row, 'owner_id'));
  const dead = owners.filter((ownerId) => !owner.isAlive(ownerId));
  return dead.reduce(
    (count, ownerId) => count + database.run('DELETE FROM budget_caps WHERE owner_id = ?', ownerId),
    0,
  );
}
