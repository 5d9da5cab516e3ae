/**
 * The vault: whose key opens the secrets. `scrubbed` says that nothing of an older version's plain text is left in the file. The table of credentials is made anew
 * under names that say what is in it, so that no older program writes plain text there, and takes credentials that were imported, which no purchase stands behind.
 */
const vaultTables = `
CREATE TABLE vault (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  vault_id TEXT NOT NULL,
  key_id_hex TEXT NOT NULL,
  key_place TEXT NOT NULL CHECK (key_place IN ('keychain', 'file', 'given')),
  key_check TEXT NOT NULL,
  scrubbed INTEGER NOT NULL CHECK (scrubbed IN (0, 1))
) STRICT;

CREATE TABLE credentials_sealed (
  purchase_id TEXT PRIMARY KEY,
  wallet_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'good', 'refused', 'quarantined')),
  uses_total INTEGER,
  uses_taken INTEGER NOT NULL DEFAULT 0 CHECK (uses_taken >= 0),
  expires_at_ms INTEGER,
  payment_hash_hex TEXT NOT NULL UNIQUE,
  macaroon_sealed TEXT NOT NULL,
  preimage_sealed TEXT,
  imported_at_ms INTEGER,
  import_paid_msat INTEGER,
  import_fee_msat INTEGER,
  import_paid_at_ms INTEGER
) STRICT;
INSERT INTO credentials_sealed (purchase_id, wallet_id, origin, scope, state, uses_total, uses_taken, expires_at_ms, payment_hash_hex, macaroon_sealed, preimage_sealed)
  SELECT purchase_id, wallet_id, origin, scope, state, uses_total, uses_taken, expires_at_ms, payment_hash_hex, macaroon_text, preimage_hex FROM credentials;
DROP TABLE credentials;
ALTER TABLE credentials_sealed RENAME TO credentials;
CREATE INDEX credentials_good ON credentials (wallet_id, origin, scope) WHERE state = 'good';
`;

/**
 * The purchase store's tables, one text per version; `user_version` counts how many were applied. Never edit a text that was released.
 *
 * Amounts are millisatoshis. What is secret (macaroons, preimages, session tokens) is sealed by the vault before it is
 * written, in columns whose names end with `_sealed`.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE owners (
  owner_id TEXT PRIMARY KEY,
  started_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE budgets (
  budget_id TEXT PRIMARY KEY,
  parent_id TEXT REFERENCES budgets (budget_id),
  reserved_msat INTEGER NOT NULL DEFAULT 0 CHECK (reserved_msat >= 0),
  spent_msat INTEGER NOT NULL DEFAULT 0 CHECK (spent_msat >= 0),
  frozen_reason TEXT
) STRICT;

CREATE TABLE budget_caps (
  cap_id TEXT PRIMARY KEY,
  budget_id TEXT NOT NULL REFERENCES budgets (budget_id),
  owner_id TEXT NOT NULL REFERENCES owners (owner_id),
  cap_msat INTEGER NOT NULL CHECK (cap_msat >= 0)
) STRICT;
CREATE INDEX budget_caps_by_budget ON budget_caps (budget_id);

CREATE TABLE purchases (
  purchase_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN
    ('quoted', 'reserved', 'sending', 'unknown', 'settled', 'redeeming', 'redeemed', 'failed')),
  owner_id TEXT REFERENCES owners (owner_id),
  wallet_id TEXT NOT NULL,
  budget_id TEXT NOT NULL REFERENCES budgets (budget_id),
  idempotency_key TEXT NOT NULL,
  key_given INTEGER NOT NULL CHECK (key_given IN (0, 1)),
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  body_sha256_hex TEXT NOT NULL,
  origin TEXT NOT NULL,
  target_method TEXT NOT NULL,
  target_url TEXT NOT NULL,
  scope TEXT NOT NULL,
  payment_hash_hex TEXT NOT NULL UNIQUE,
  invoice TEXT NOT NULL,
  amount_msat INTEGER NOT NULL CHECK (amount_msat > 0),
  invoice_expires_at_ms INTEGER NOT NULL,
  fee_ceiling_msat INTEGER NOT NULL DEFAULT 0 CHECK (fee_ceiling_msat >= 0),
  fee_msat INTEGER,
  send_count INTEGER NOT NULL DEFAULT 0,
  open_sendings INTEGER NOT NULL DEFAULT 0,
  seen_in_flight INTEGER NOT NULL DEFAULT 0 CHECK (seen_in_flight IN (0, 1)),
  failure TEXT,
  outcome TEXT,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX purchases_by_key ON purchases (wallet_id, idempotency_key) WHERE state <> 'failed';
CREATE INDEX purchases_by_thing ON purchases (wallet_id, url) WHERE state NOT IN ('redeemed', 'failed');
CREATE INDEX purchases_unfinished ON purchases (wallet_id, state) WHERE state NOT IN ('redeemed', 'failed');

CREATE TABLE ledger (
  entry_id INTEGER PRIMARY KEY,
  purchase_id TEXT NOT NULL REFERENCES purchases (purchase_id),
  budget_id TEXT NOT NULL REFERENCES budgets (budget_id),
  parent_id INTEGER REFERENCES ledger (entry_id),
  reserved_msat INTEGER NOT NULL CHECK (reserved_msat >= 0),
  spent_msat INTEGER NOT NULL DEFAULT 0 CHECK (spent_msat >= 0),
  closed TEXT CHECK (closed IN ('committed', 'released', 'written_off')),
  opened_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX ledger_open ON ledger (purchase_id, budget_id) WHERE closed IS NULL;

CREATE TABLE credentials (
  purchase_id TEXT PRIMARY KEY REFERENCES purchases (purchase_id),
  wallet_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'good', 'refused', 'quarantined')),
  uses_total INTEGER,
  uses_taken INTEGER NOT NULL DEFAULT 0 CHECK (uses_taken >= 0),
  expires_at_ms INTEGER,
  payment_hash_hex TEXT NOT NULL,
  macaroon_text TEXT NOT NULL,
  preimage_hex TEXT
) STRICT;
CREATE INDEX credentials_good ON credentials (wallet_id, origin, scope) WHERE state = 'good';

CREATE TABLE known_paths (
  origin TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  scope TEXT NOT NULL,
  PRIMARY KEY (origin, method, path)
) STRICT;

CREATE TABLE stopped_origins (
  origin TEXT PRIMARY KEY,
  purchase_id TEXT NOT NULL REFERENCES purchases (purchase_id),
  since_ms INTEGER NOT NULL
) STRICT;
`,
  `
ALTER TABLE ledger ADD COLUMN host TEXT;
ALTER TABLE ledger ADD COLUMN session_id TEXT;
UPDATE ledger SET host = (SELECT substr(origin, instr(origin, '://') + 3) FROM purchases p WHERE p.purchase_id = ledger.purchase_id);
CREATE INDEX ledger_recent ON ledger (budget_id, closed_at_ms);

CREATE TABLE kill_switch (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  reason TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;
`,
  `
CREATE INDEX purchases_by_given_key ON purchases (idempotency_key) WHERE key_given = 1;
`,
  `
ALTER TABLE purchases ADD COLUMN paid_at_ms INTEGER;
UPDATE purchases SET paid_at_ms = COALESCE(
  (SELECT MAX(closed_at_ms) FROM ledger l WHERE l.purchase_id = purchases.purchase_id AND l.closed = 'committed'), updated_at_ms)
  WHERE state IN ('settled', 'redeeming', 'redeemed');
CREATE INDEX purchases_by_time ON purchases (created_at_ms, purchase_id);
CREATE INDEX purchases_paid ON purchases (origin, paid_at_ms) WHERE paid_at_ms IS NOT NULL;
CREATE INDEX ledger_of_session ON ledger (budget_id, session_id, closed_at_ms, closed, reserved_msat, spent_msat);
`,
  `
CREATE TABLE approvals (
  approval_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'used')),
  owner_id TEXT NOT NULL,
  payment_hash_hex TEXT NOT NULL,
  invoice TEXT NOT NULL,
  request_digest_hex TEXT NOT NULL,
  amount_msat INTEGER NOT NULL CHECK (amount_msat > 0),
  fee_ceiling_msat INTEGER NOT NULL CHECK (fee_ceiling_msat >= 0),
  payee_hex TEXT NOT NULL,
  origin TEXT NOT NULL,
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  decided_at_ms INTEGER,
  decided_by TEXT
) STRICT;
CREATE INDEX approvals_by_hash ON approvals (payment_hash_hex);
CREATE INDEX approvals_pending ON approvals (expires_at_ms) WHERE state = 'pending';
`,
  vaultTables,
  `
ALTER TABLE credentials ADD COLUMN handed_over_at_ms INTEGER;

CREATE TABLE sessions (
  purchase_id TEXT PRIMARY KEY,
  origin TEXT NOT NULL,
  token_sealed TEXT NOT NULL,
  expires_at_ms INTEGER,
  balance INTEGER,
  updated_at_ms INTEGER NOT NULL
) STRICT;
`,
  `
CREATE TABLE spending_hours (
  origin TEXT NOT NULL,
  hour INTEGER NOT NULL,
  spent_msat INTEGER NOT NULL,
  PRIMARY KEY (origin, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE given_alarms (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX given_alarms_by_subject ON given_alarms (subject);
CREATE INDEX purchases_priced ON purchases (origin, scope, paid_at_ms) WHERE paid_at_ms IS NOT NULL;
`,
  `
DROP INDEX purchases_paid;
CREATE INDEX purchases_paid ON purchases (origin, paid_at_ms, amount_msat, fee_msat) WHERE paid_at_ms IS NOT NULL;
`,
  `
CREATE INDEX purchases_never_sent ON purchases (updated_at_ms) WHERE state = 'failed' AND send_count = 0;
CREATE INDEX ledger_by_purchase ON ledger (purchase_id);
DELETE FROM credentials WHERE state = 'pending' AND preimage_sealed IS NULL
  AND purchase_id IN (SELECT purchase_id FROM purchases WHERE state = 'failed' AND send_count = 0);
`,
  `
CREATE TABLE known_things (
  origin TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  bound_to TEXT NOT NULL,
  scope TEXT NOT NULL,
  PRIMARY KEY (origin, method, path, bound_to)
) STRICT;
INSERT INTO known_things (origin, method, path, bound_to, scope)
  SELECT origin, method, path, '//', scope FROM known_paths WHERE scope LIKE 'endpoint:%///' ORDER BY rowid;
DROP TABLE known_paths;
ALTER TABLE known_things RENAME TO known_paths;
`,
  `
ALTER TABLE approvals ADD COLUMN sent_before INTEGER NOT NULL DEFAULT 0 CHECK (sent_before IN (0, 1));
`,
];

/** The version from which on a store has a vault. */
export const VAULT_SINCE = migrations.indexOf(vaultTables) + 1;
