-- Whether a payment was claimed before, for gates that confirm a payment with the wallet before its first claim.

DO $join$
BEGIN
  -- Only while this file runs: who is a member sees every tenant's rows.
  IF NOT pg_has_role(current_user, 'satway_claims', 'USAGE') THEN
    EXECUTE format('GRANT satway_claims TO %I', current_user);
    PERFORM set_config('satway.member_for_now', 'yes', true);
  END IF;
END
$join$;

CREATE FUNCTION satway.knows_payment(tenant uuid, hash bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
  SELECT EXISTS (SELECT FROM payments WHERE tenant_id = tenant AND payment_hash = hash);
$$;

GRANT CREATE ON SCHEMA satway TO satway_claims;
REVOKE ALL ON FUNCTION satway.knows_payment(uuid, bytea) FROM PUBLIC;
ALTER FUNCTION satway.knows_payment(uuid, bytea) OWNER TO satway_claims;
GRANT EXECUTE ON FUNCTION satway.knows_payment(uuid, bytea) TO satway_app;
REVOKE CREATE ON SCHEMA satway FROM satway_claims;
DO $leave$
BEGIN
  IF current_setting('satway.member_for_now', true) = 'yes' THEN
    EXECUTE format('REVOKE satway_claims FROM %I', current_user);
  END IF;
END
$leave$;
