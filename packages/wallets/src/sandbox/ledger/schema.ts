/** Written into the file with its tables; another number means another program, or another time. */
export const SCHEMA_VERSION = 7242;

/** Tables of the sandbox's books. Amounts are integers in millisatoshis, and none can be negative. */
export const SANDBOX_SCHEMA = `
CREATE TABLE IF NOT EXISTS nodes (
  name TEXT PRIMARY KEY,
  private_key_hex TEXT NOT NULL,
  balance_msat INTEGER NOT NULL CHECK (balance_msat >= 0),
  funded_msat INTEGER NOT NULL CHECK (funded_msat >= 0)
);
CREATE TABLE IF NOT EXISTS invoices (
  payment_hash_hex TEXT PRIMARY KEY,
  node TEXT NOT NULL REFERENCES nodes (name),
  add_index INTEGER NOT NULL,
  preimage_hex TEXT NOT NULL,
  payment_secret_hex TEXT NOT NULL,
  amount_msat INTEGER CHECK (amount_msat > 0),
  description TEXT NOT NULL,
  description_hash_hex TEXT,
  invoice TEXT NOT NULL UNIQUE,
  created_at_seconds INTEGER NOT NULL,
  expiry_seconds INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED', 'SETTLED', 'CANCELED')),
  settle_index INTEGER NOT NULL DEFAULT 0,
  amount_received_msat INTEGER NOT NULL DEFAULT 0,
  accepted_at_ms INTEGER,
  settled_at_ms INTEGER,
  UNIQUE (node, add_index)
);
CREATE TABLE IF NOT EXISTS payments (
  node TEXT NOT NULL REFERENCES nodes (name),
  payment_hash_hex TEXT NOT NULL,
  payment_index INTEGER NOT NULL,
  invoice TEXT NOT NULL,
  payee_hex TEXT NOT NULL,
  payment_secret_hex TEXT NOT NULL,
  amount_msat INTEGER NOT NULL CHECK (amount_msat > 0),
  fee_msat INTEGER NOT NULL CHECK (fee_msat >= 0),
  state TEXT NOT NULL CHECK (state IN ('IN_FLIGHT', 'SUCCEEDED', 'FAILED')),
  failure_reason TEXT NOT NULL,
  preimage_hex TEXT,
  created_at_ms INTEGER NOT NULL,
  resolved_at_ms INTEGER,
  sent INTEGER NOT NULL,
  due_at_ms INTEGER,
  ends_as TEXT NOT NULL,
  PRIMARY KEY (node, payment_hash_hex)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
PRAGMA user_version = ${SCHEMA_VERSION};
`;
