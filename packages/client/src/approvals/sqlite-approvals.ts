import { SatwayError } from '@satway/base';
import type { Database, SqlRow } from '../store/database.js';
import type { Owner } from '../store/owner.js';
import { dropSurplus } from '../store/drop-surplus.js';
import { integer, integerOrNull, text, textOrNull } from '../store/row.js';
import type {
  Approval,
  ApprovalDecision,
  ApprovalFacts,
  ApprovalRefusal,
  Approvals,
  ApprovalState,
} from './approval.js';
import { newApprovalId, normalizeApprovalId } from './approval-id.js';

/** Longest time that a person has, whatever the invoice says. */
const MAX_WAIT_MS = 600_000;
/** How many questions may be open in one store. */
const MAX_PENDING = 20;
/** After so many noes to one origin in this time nobody is asked about it: a model that asks again and again wears a person out. */
const MAX_NOES = 3;
const NOES_COUNT_MS = 600_000;
/** How often another process's decision is looked for. */
const LOOK_EVERY_MS = 200;
/** How long what is over is kept for whoever looks later. */
const KEEP_MS = 30 * 24 * 3_600_000;
/** So many are kept at most that nobody answered in time, the newest: whoever asks can make them at will. */
const MAX_UNANSWERED = 1_000;
const MAX_DECIDED_BY_CHARS = 200;

/** What the steps work with. */
interface Parts {
  readonly database: Database;
  readonly owner: Owner;
  readonly nowMs: () => number;
}

/** Approvals in the purchase store. */
export function createApprovals(parts: Parts): Approvals {
  const { database } = parts;
  const news = createNews();
  return {
    ask: (facts) => database.atomically(() => ask(parts, facts)),
    get: (approvalId) => read(parts, normalizeApprovalId(approvalId)),
    listPending: () => listPending(parts),
    decide(typedId, decision, by) {
      const approvalId = normalizeApprovalId(typedId);
      const decided = database.atomically(() => decide(parts, approvalId, decision, by));
      news.tell(approvalId);
      return decided;
    },
    wait: (approvalId, signal) => waitFor(parts, news, normalizeApprovalId(approvalId), signal),
    use: (approvalId, facts) => use(parts, normalizeApprovalId(approvalId), facts),
    withdraw(typedId) {
      const approvalId = normalizeApprovalId(typedId);
      withdraw(parts, approvalId);
      news.tell(approvalId);
    },
  };
}

function ask(parts: Parts, facts: ApprovalFacts): ReturnType<Approvals['ask']> {
  const { database, owner, nowMs } = parts;
  const now = nowMs();
  forgetOver(database, now);
  const expiresAtMs = Math.min(facts.expiresAtMs, now + MAX_WAIT_MS);
  if (expiresAtMs <= now) return { ok: false, code: 'APPROVAL_OVER', detail: 'The invoice has expired.' };
  const earlier = earlierAnswer(parts, facts);
  if (earlier !== undefined) return { ok: false, code: 'APPROVAL_OVER', detail: `It was asked before: ${earlier}.` };
  if (noesTo(parts, facts.origin, now) >= MAX_NOES) return { ok: false, code: 'APPROVALS_PAUSED' };
  if (listPending(parts).length >= MAX_PENDING) return { ok: false, code: 'APPROVALS_FULL' };
  const approvalId = newApprovalId();
  database.run(
    `INSERT INTO approvals (approval_id, state, owner_id, payment_hash_hex, invoice, request_digest_hex, amount_msat, fee_ceiling_msat,
       payee_hex, origin, method, url, description, sent_before, created_at_ms, expires_at_ms)
     VALUES (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    approvalId,
    owner.ownerId,
    ...boundValues(facts),
    facts.description,
    facts.sentBefore === true ? 1 : 0,
    now,
    expiresAtMs,
  );
  return answer(read(parts, approvalId));
}

/** An answer of a person is kept for its time: a flood of other questions must not wash a no away. */
function forgetOver(database: Database, now: number): void {
  const approvals = { table: 'approvals', key: 'approval_id' };
  const unanswered = `state NOT IN ('denied', 'used') AND (state = 'expired' OR expires_at_ms <= ?)`;
  dropSurplus(database, {
    ...approvals,
    first: 'created_at_ms',
    which: unanswered,
    values: [now],
    maxEntries: MAX_UNANSWERED,
  });
  const old = { which: 'expires_at_ms < ?', values: [now - KEEP_MS], maxEntries: 0 };
  dropSurplus(database, { ...approvals, first: 'expires_at_ms', ...old });
}

/** What a yes is bound to, in the order of the columns. */
function boundValues(facts: ApprovalFacts): [string, string, string, number, number, string, string, string, string] {
  const { paymentHashHex, invoice, requestDigestHex, amountMsat, feeCeilingMsat, payeeHex } = facts;
  const { origin, method, url } = facts;
  return [paymentHashHex, invoice, requestDigestHex, amountMsat, feeCeilingMsat, payeeHex, origin, method, url];
}

/** One payment, one question at a time; a no is not asked away, and a yes that was used stays used: each sending needs its own. */
function earlierAnswer(parts: Parts, { paymentHashHex, sentBefore }: ApprovalFacts): ApprovalState | undefined {
  const asksAgain = sentBefore === true && isUnresolved(parts, paymentHashHex);
  return parts.database
    .all('SELECT * FROM approvals WHERE payment_hash_hex = ?', paymentHashHex)
    .map((row) => stateOf(parts, row))
    .find((state) => state !== 'expired' && !(asksAgain && state === 'used'));
}

/** What was sent and had no answer may be sent once more. */
function isUnresolved({ database }: Parts, paymentHashHex: string): boolean {
  const sql = `SELECT 1 FROM purchases WHERE payment_hash_hex = ? AND state IN ('sending', 'unknown')`;
  return database.get(sql, paymentHashHex) !== undefined;
}

function noesTo({ database }: Parts, origin: string, now: number): number {
  const row = database.get(
    `SELECT count(*) AS noes FROM approvals WHERE state = 'denied' AND origin = ? AND decided_at_ms > ?`,
    origin,
    now - NOES_COUNT_MS,
  );
  return row === undefined ? 0 : integer(row, 'noes');
}

function read(parts: Parts, approvalId: string): Approval | null {
  const row = parts.database.get('SELECT * FROM approvals WHERE approval_id = ?', approvalId);
  return row === undefined ? null : toApproval(row, stateOf(parts, row));
}

function listPending(parts: Parts): Approval[] {
  return parts.database
    .all(
      `SELECT * FROM approvals WHERE state = 'pending' AND expires_at_ms > ? ORDER BY created_at_ms, approval_id`,
      parts.nowMs(),
    )
    .map((row) => toApproval(row, stateOf(parts, row)))
    .filter(({ state }) => state === 'pending');
}

function decide(
  parts: Parts,
  approvalId: string,
  decision: ApprovalDecision,
  by: string,
): ReturnType<Approvals['decide']> {
  const open = read(parts, approvalId);
  if (open === null) return { ok: false, code: 'APPROVAL_NOT_FOUND' };
  if (open.state !== 'pending') return { ok: false, code: 'APPROVAL_OVER', detail: `It is ${open.state}.` };
  parts.database.run(
    'UPDATE approvals SET state = ?, decided_at_ms = ?, decided_by = ? WHERE approval_id = ?',
    decision === 'yes' ? 'approved' : 'denied',
    parts.nowMs(),
    by.slice(0, MAX_DECIDED_BY_CHARS),
    approvalId,
  );
  return answer(read(parts, approvalId));
}

/** One statement: of two who use the same yes, one does. */
function use({ database, owner, nowMs }: Parts, approvalId: string, facts: ApprovalFacts): boolean {
  const used = database.run(
    `UPDATE approvals SET state = 'used' WHERE approval_id = ? AND state = 'approved' AND owner_id = ? AND expires_at_ms > ? AND payment_hash_hex = ?
       AND invoice = ? AND request_digest_hex = ? AND amount_msat = ? AND fee_ceiling_msat >= ? AND payee_hex = ? AND origin = ? AND method = ? AND url = ?`,
    approvalId,
    owner.ownerId,
    nowMs(),
    ...boundValues(facts),
  );
  return used === 1;
}

function withdraw({ database }: Parts, approvalId: string): void {
  database.run(
    `UPDATE approvals SET state = 'expired' WHERE approval_id = ? AND state IN ('pending', 'approved')`,
    approvalId,
  );
}

async function waitFor(
  parts: Parts,
  news: News,
  approvalId: string,
  signal: AbortSignal | undefined,
): Promise<Approval> {
  for (;;) {
    if (signal?.aborted === true) withdraw(parts, approvalId);
    const approval = read(parts, approvalId);
    if (approval === null) throw new SatwayError('APPROVAL_NOT_FOUND');
    if (approval.state !== 'pending') return approval;
    await news.next(approvalId, LOOK_EVERY_MS, signal);
  }
}

/** Wakes those of this process who wait for a decision of this process; for other processes' decisions they look themselves. */
interface News {
  tell(approvalId: string): void;
  next(approvalId: string, atLatestMs: number, signal: AbortSignal | undefined): Promise<void>;
}

function createNews(): News {
  const waiting = new Map<string, Set<() => void>>();
  return {
    tell: (approvalId) => {
      for (const wake of waiting.get(approvalId) ?? []) wake();
    },
    next: (approvalId, atLatestMs, signal) =>
      new Promise((resolve) => {
        const wakers = waiting.get(approvalId) ?? new Set();
        waiting.set(approvalId, wakers);
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          wakers.delete(wake);
          if (wakers.size === 0) waiting.delete(approvalId);
          resolve();
        };
        const timer = setTimeout(wake, atLatestMs);
        signal?.addEventListener('abort', wake);
        wakers.add(wake);
      }),
  };
}

function answer(approval: Approval | null): { readonly ok: true; readonly value: Approval } | ApprovalRefusal {
  return approval === null ? { ok: false, code: 'APPROVAL_NOT_FOUND' } : { ok: true, value: approval };
}

const STATES: readonly string[] = ['pending', 'approved', 'denied', 'expired', 'used'] satisfies ApprovalState[];

function isState(value: string): value is ApprovalState {
  return STATES.includes(value);
}

/** What time and the end of a process have ended is over, whatever the row still says: nobody would act on the answer. */
function stateOf({ owner, nowMs }: Parts, row: SqlRow): ApprovalState {
  const state = text(row, 'state');
  if (!isState(state)) throw new SatwayError('PURCHASE_STORE_FAILED', { detail: 'An approval is in no known state.' });
  if (state !== 'pending' && state !== 'approved') return state;
  const isOver = integer(row, 'expires_at_ms') <= nowMs() || !owner.isAlive(text(row, 'owner_id'));
  return isOver ? 'expired' : state;
}

function toApproval(row: SqlRow, state: ApprovalState): Approval {
  return {
    approvalId: text(row, 'approval_id'),
    state,
    paymentHashHex: text(row, 'payment_hash_hex'),
    invoice: text(row, 'invoice'),
    requestDigestHex: text(row, 'request_digest_hex'),
    amountMsat: integer(row, 'amount_msat'),
    feeCeilingMsat: integer(row, 'fee_ceiling_msat'),
    payeeHex: text(row, 'payee_hex'),
    origin: text(row, 'origin'),
    method: text(row, 'method'),
    url: text(row, 'url'),
    description: textOrNull(row, 'description'),
    sentBefore: integer(row, 'sent_before') === 1,
    createdAtMs: integer(row, 'created_at_ms'),
    expiresAtMs: integer(row, 'expires_at_ms'),
    decidedAtMs: integerOrNull(row, 'decided_at_ms'),
    decidedBy: textOrNull(row, 'decided_by'),
  };
}
