-- Where payments are consumed: roles and tables. The functions that are the only way to write them are in the next file.
--
-- Every row belongs to a tenant. Row-level security is on and forced: satway_app sees the rows of the tenant named in
-- the setting satway.tenant, and none where it is not set. It may read only; what changes the count of a payment goes
-- through functions, which take the tenant with every row and run as satway_claims, a role nobody logs in as.
-- All times are this server's (clock_timestamp), never a caller's.

DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'satway_app') THEN
    BEGIN
      CREATE ROLE satway_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made this instant for another database
    END;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'satway_claims') THEN
    BEGIN
      CREATE ROLE satway_claims NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT pg_has_role(current_user, 'satway_app', 'USAGE') THEN
    EXECUTE format('GRANT satway_app TO %I', current_user);
  END IF;
END
$roles$;

-- One row per tenant and payment hash, whatever scheme redeems it. "used" counts the uses that are captured or held.
CREATE TABLE satway.payments (
  tenant_id uuid NOT NULL,
  payment_hash bytea NOT NULL,
  uses bigint NOT NULL,
  used bigint NOT NULL,
  releases integer NOT NULL DEFAULT 0,
  rest_until timestamptz NOT NULL DEFAULT '-infinity',
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, payment_hash),
  CHECK (used BETWEEN 0 AND uses)
) WITH (fillfactor = 80);
CREATE INDEX payments_keep_until ON satway.payments USING brin (keep_until);

-- counter_hashes and counter_takes: what the claim took of which branch, to be given back with it.
CREATE TABLE satway.claims (
  tenant_id uuid NOT NULL,
  payment_hash bytea NOT NULL,
  claim_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('held', 'captured', 'released', 'expired')),
  lease_until timestamptz NOT NULL,
  key_hash bytea,
  counter_hashes bytea[],
  counter_takes bigint[],
  PRIMARY KEY (tenant_id, payment_hash, claim_id)
) WITH (fillfactor = 70);
CREATE INDEX claims_held ON satway.claims (tenant_id, payment_hash, lease_until) WHERE state = 'held';

-- One row per n_uses or max_sats caveat. A chain hash commits to one payment, whose row's lock guards its counters.
CREATE TABLE satway.counters (
  tenant_id uuid NOT NULL,
  payment_hash bytea NOT NULL,
  chain_hash bytea NOT NULL,
  taken bigint NOT NULL,
  cap bigint NOT NULL,
  PRIMARY KEY (tenant_id, payment_hash, chain_hash),
  CHECK (taken BETWEEN 0 AND cap)
) WITH (fillfactor = 80);

-- Idempotency-Key. The mark that a key was answered lives as long as the payment, the answer's bytes until answer_until.
CREATE TABLE satway.answers (
  tenant_id uuid NOT NULL,
  payment_hash bytea NOT NULL,
  key_hash bytea NOT NULL,
  claim_id uuid NOT NULL,
  request_digest bytea NOT NULL,
  answered boolean NOT NULL DEFAULT false,
  status integer,
  raw_headers text,
  body bytea,
  answer_until timestamptz,
  PRIMARY KEY (tenant_id, payment_hash, key_hash)
) WITH (fillfactor = 70);
CREATE INDEX answers_kept ON satway.answers (answer_until) WHERE status IS NOT NULL;

CREATE TABLE satway.revocations (
  tenant_id uuid NOT NULL,
  payment_hash bytea NOT NULL,
  chain_hash bytea NOT NULL,
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, payment_hash, chain_hash)
);

DO $guards$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['payments', 'claims', 'counters', 'answers', 'revocations'] LOOP
    EXECUTE format('ALTER TABLE satway.%I ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE satway.%I FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON satway.%I TO satway_app '
      'USING (tenant_id = nullif(current_setting(''satway.tenant'', true), '''')::uuid)', guarded);
    EXECUTE format('CREATE POLICY claim_functions ON satway.%I TO satway_claims USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('REVOKE ALL ON satway.%I FROM PUBLIC', guarded);
    EXECUTE format('GRANT SELECT ON satway.%I TO satway_app', guarded);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON satway.%I TO satway_claims', guarded);
  END LOOP;
END
$guards$;
GRANT USAGE ON SCHEMA satway TO satway_app, satway_claims;
