-- Revocations of one payment are bounded: who holds a credential makes as many branches of it as they like, and could revoke every one.

DO $join$
BEGIN
  -- Only while this file runs: who is a member sees every tenant's rows.
  IF NOT pg_has_role(current_user, 'satway_claims', 'USAGE') THEN
    EXECUTE format('GRANT satway_claims TO %I', current_user);
    PERFORM set_config('satway.member_for_now', 'yes', true);
  END IF;
END
$join$;

-- The values of the chain before the revoked one: it hangs on them, and needs no row of its own once one of them is revoked.
ALTER TABLE satway.revocations ADD COLUMN above bytea[] NOT NULL DEFAULT '{}';

-- Revokes the last value of a chain, root first. False, with nothing done: this payment has as many revocations as there may be. What is revoked already
-- through a value above it takes no row, and a revocation takes the place of those below it: so no branch can fill the room that its parent needs to revoke it.
CREATE FUNCTION satway.revoke_branch(tenant uuid, hash bytea, chain bytea[], keep_until_ms bigint, most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  keep timestamptz := from_ms(keep_until_ms);
  revoked bytea := chain[cardinality(chain)];
BEGIN
  -- Two at a time would count the same rows. The payment may have no row of its own yet that could be locked.
  PERFORM pg_advisory_xact_lock(hashtextextended('satway-revoke ' || tenant::text || encode(hash, 'hex'), 0));
  IF EXISTS (
    SELECT FROM revocations r WHERE r.tenant_id = tenant AND r.payment_hash = hash AND r.chain_hash = ANY (chain) AND r.keep_until >= keep
  ) THEN
    RETURN true;
  END IF;
  IF (
    SELECT count(*) FROM revocations r WHERE r.tenant_id = tenant AND r.payment_hash = hash
      AND r.keep_until > now_at AND r.chain_hash <> revoked AND NOT revoked = ANY (r.above)
  ) >= most THEN
    RETURN false;
  END IF;
  DELETE FROM revocations r WHERE r.tenant_id = tenant AND r.payment_hash = hash AND revoked = ANY (r.above) AND r.keep_until <= keep;
  INSERT INTO revocations (tenant_id, payment_hash, chain_hash, keep_until, above)
    VALUES (tenant, hash, revoked, keep, chain[:cardinality(chain) - 1])
    ON CONFLICT (tenant_id, payment_hash, chain_hash) DO UPDATE SET keep_until = greatest(revocations.keep_until, excluded.keep_until), above = excluded.above;
  RETURN true;
END
$$;

GRANT CREATE ON SCHEMA satway TO satway_claims;
REVOKE ALL ON FUNCTION satway.revoke_branch(uuid, bytea, bytea[], bigint, integer) FROM PUBLIC;
ALTER FUNCTION satway.revoke_branch(uuid, bytea, bytea[], bigint, integer) OWNER TO satway_claims;
GRANT EXECUTE ON FUNCTION satway.revoke_branch(uuid, bytea, bytea[], bigint, integer) TO satway_app;
REVOKE CREATE ON SCHEMA satway FROM satway_claims;
DO $leave$
BEGIN
  IF current_setting('satway.member_for_now', true) = 'yes' THEN
    EXECUTE format('REVOKE satway_claims FROM %I', current_user);
  END IF;
END
$leave$;
