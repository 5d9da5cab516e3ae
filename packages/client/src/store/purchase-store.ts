import { randomUUID } from 'node:crypto';
import { createSpendingHistory, type SpendingHistory } from '../anomaly/spending-history.js';
import { type Approvals, createApprovals } from '../approvals/index.js';
import { type Budgets, createBudgetLedger } from '../budget/index.js';
import { type CredentialCache, createCredentialCache } from '../credential-cache/index.js';
import { createSqliteJournal, type PurchaseJournal } from '../journal/index.js';
import { namesOf, refuseUnknownOptions } from '../option-checks/index.js';
import { createSessions, type Sessions } from '../sessions/index.js';
import type { Database } from './database.js';
import { openWithVault, type VaultOpeningOptions } from './open-with-vault.js';
import { becomeOwner, type Owner } from './owner.js';
import { text } from './row.js';

/** Journal, budgets and credentials of a buyer, in one SQLite file that several processes share. */
export interface PurchaseStore {
  readonly path: string;
  /** Names this opened store as the owner of the purchases it has in hand. */
  readonly ownerId: string;
  readonly journal: PurchaseJournal;
  readonly budgets: Budgets;
  readonly credentials: CredentialCache;
  /** Passes, buckets and deposits that sellers hold open. */
  readonly sessions: Sessions;
  /** What is known of earlier spending, for whoever watches it. */
  readonly history: SpendingHistory;
  /** Questions that wait for a person. */
  readonly approvals: Approvals;
  /** Gives the file and the owner's lock back; purchases in hand are then free for others to recover. */
  close(): void;
}

/** How to open a purchase store. */
export interface PurchaseStoreOptions extends VaultOpeningOptions {
  /** The SQLite file, made when missing; its folder too. On a local disk: locks do not hold on network file systems. */
  readonly path: string;
  /** Milliseconds since 1970, for the rows' time stamps. Default: the machine's clock. */
  readonly nowMs?: () => number;
}

const OPTIONS = namesOf<keyof PurchaseStoreOptions>({
  path: true,
  nowMs: true,
  unlock: true,
  vaultKey: true,
  keychain: true,
  systemKeychain: true,
  warn: true,
});

/**
 * Opens the purchase store with the key of its vault, and marks this process as a living owner in it until `close()` or the process's end.
 *
 * @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_NEWER`, `PROCESS_LOCK_FAILED`, `VAULT_KEY_MISSING`, `VAULT_KEY_WRONG`, `VAULT_KEY_UNSAFE`,
 * `VAULT_KEY_DAMAGED`, `VAULT_KEYCHAIN_UNAVAILABLE`, `VAULT_DAMAGED`, `CLIENT_OPTIONS_INVALID`. Funds moved: no; what is on the disk stays as it was.
 */
export function openPurchaseStore(options: PurchaseStoreOptions): PurchaseStore {
  refuseUnknownOptions({ path: '', given: options, known: OPTIONS });
  const { path, nowMs = Date.now } = options;
  const { database, vault } = openWithVault(options);
  const owner = becomeOwner(path);
  database.run('INSERT INTO owners VALUES (?, ?)', owner.ownerId, nowMs());
  buryDeadOwners(database, owner);
  const ledger = createBudgetLedger(database, owner, nowMs);
  return {
    path,
    ownerId: owner.ownerId,
    journal: createSqliteJournal({ database, owner, ledger, vault, nowMs, newId: randomUUID }),
    budgets: ledger,
    credentials: createCredentialCache(database, vault),
    sessions: createSessions(database, vault),
    history: createSpendingHistory(database),
    approvals: createApprovals({ database, owner, nowMs }),
    close: () => close(database, owner),
  };
}

function close(database: Database, owner: Owner): void {
  database.run('DELETE FROM budget_caps WHERE owner_id = ?', owner.ownerId);
  database.close();
  owner.release();
}

/** Forgets dead owners that have nothing in hand any more; the others stay until recovery has been through their purchases. */
function buryDeadOwners(database: Database, owner: Owner): void {
  const idle = database
    .all(
      'SELECT owner_id FROM owners WHERE owner_id NOT IN (SELECT owner_id FROM purchases WHERE owner_id IS NOT NULL)',
    )
    .map((row) => text(row, 'owner_id'));
  for (const ownerId of idle.filter((id) => !owner.isAlive(id))) {
    database.run('DELETE FROM budget_caps WHERE owner_id = ?', ownerId);
    database.run(
      'DELETE FROM owners WHERE owner_id = ? AND owner_id NOT IN (SELECT owner_id FROM purchases WHERE owner_id IS NOT NULL)',
      ownerId,
    );
    owner.bury(ownerId);
  }
}
