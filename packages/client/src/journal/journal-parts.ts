import type { BudgetLedger } from '../budget/budget-ledger.js';
import type { Database } from '../store/database.js';
import type { Owner } from '../store/owner.js';
import type { Vault } from '../vault/vault.js';

/** What the journal is made of; time and ids are passed in. */
export interface JournalParts {
  readonly database: Database;
  readonly owner: Owner;
  readonly ledger: BudgetLedger;
  readonly vault: Vault;
  readonly nowMs: () => number;
  readonly newId: () => string;
}
