import type { Database, SqlRow } from '../store/database.js';
import { dropSurplus } from '../store/drop-surplus.js';
import { integer, integerOrNull, text } from '../store/row.js';
import type { SecretPlace, Vault } from '../vault/index.js';

/** A session that a seller opened for a credential that was paid for: a pass, a bucket of requests, or a deposit. */
export interface KnownSession {
  /** Whose credential opened it. */
  readonly purchaseId: string;
  readonly origin: string;
  /** `null` where the seller does not say. */
  readonly expiresAtMs: number | null;
  /** As the seller told last: sats of a deposit, requests of a bucket; `null` where it does not say. */
  readonly balance: number | null;
  readonly updatedAtMs: number;
}

/** A session with its secret, on its way into one request. */
export interface Session extends KnownSession {
  readonly token: string;
}

/** Sessions by the purchase that opened them. Each method is one atomic step. */
export interface Sessions {
  /** The session of a credential, as long as it lives. */
  find(purchaseId: string, nowMs: number): Session | null;
  /** Keeps what a seller told last. Of too many, those are dropped of which nothing was told for longest. */
  keep(session: Session): void;
  /** Refused, or over: the token is not shown again. */
  drop(purchaseId: string): void;
  /** Those that live, without their secrets; the newest first. */
  list(nowMs: number): KnownSession[];
}

const COLUMNS = 'purchase_id, origin, token_sealed, expires_at_ms, balance, updated_at_ms';
const LIVES = '(expires_at_ms IS NULL OR expires_at_ms > ?)';

export function createSessions(database: Database, vault: Vault): Sessions {
  return {
    find(purchaseId, nowMs) {
      const row = database.get(`SELECT ${COLUMNS} FROM sessions WHERE purchase_id = ? AND ${LIVES}`, purchaseId, nowMs);
      return row === undefined ? null : openSession(vault, row);
    },
    keep: (session) => keep(database, vault, session),
    drop: (purchaseId) => void database.run('DELETE FROM sessions WHERE purchase_id = ?', purchaseId),
    list: (nowMs) =>
      database
        .all(`SELECT ${COLUMNS} FROM sessions WHERE ${LIVES} ORDER BY updated_at_ms DESC`, nowMs)
        .map(knownSession),
  };
}

function keep(database: Database, vault: Vault, session: Session): void {
  const { purchaseId, origin, token, expiresAtMs, balance, updatedAtMs } = session;
  database.run(
    `INSERT INTO sessions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (purchase_id) DO UPDATE SET origin = excluded.origin,
       token_sealed = excluded.token_sealed, expires_at_ms = excluded.expires_at_ms, balance = excluded.balance, updated_at_ms = excluded.updated_at_ms`,
    purchaseId,
    origin,
    vault.seal(placeOf(purchaseId, origin), token),
    expiresAtMs,
    balance,
    updatedAtMs,
  );
  dropSurplus(database, { table: 'sessions', key: 'purchase_id', first: 'updated_at_ms' });
}

function openSession(vault: Vault, row: SqlRow): Session {
  const known = knownSession(row);
  return { ...known, token: vault.open(placeOf(known.purchaseId, known.origin), text(row, 'token_sealed')) };
}

function knownSession(row: SqlRow): KnownSession {
  return {
    purchaseId: text(row, 'purchase_id'),
    origin: text(row, 'origin'),
    expiresAtMs: integerOrNull(row, 'expires_at_ms'),
    balance: integerOrNull(row, 'balance'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}

/** With its origin, so that no change of the row sends it elsewhere. */
function placeOf(purchaseId: string, origin: string): SecretPlace {
  return { table: 'sessions', column: 'token_sealed', row: [purchaseId, origin] };
}
