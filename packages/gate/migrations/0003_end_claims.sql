-- What becomes of claims (capture, renewal, release), revocation, pruning; and, at the end, who may call what.

DO $join$
BEGIN
  -- Only while this file runs: who is a member sees every tenant's rows.
  IF NOT pg_has_role(current_user, 'satway_claims', 'USAGE') THEN
    EXECUTE format('GRANT satway_claims TO %I', current_user);
    PERFORM set_config('satway.member_for_now', 'yes', true);
  END IF;
END
$join$;

-- A batch of captures in one commit, sorted, no claim twice; returns the positions of those that are captured now or were before.
-- Takes no payment's lock: a captured use stays counted. Nested loops only, so that rows are locked in the order in which they come.
CREATE FUNCTION satway.capture_batch(
  claim_ids uuid[], tenant_ids uuid[], payment_hashes bytea[],
  statuses integer[], raw_headers text[], bodies bytea[], keep_for_ms bigint[]
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  done bigint[];
BEGIN
  WITH capturing AS (
    UPDATE claims SET state = 'captured'
      FROM unnest(claim_ids, tenant_ids, payment_hashes, statuses, raw_headers, bodies, keep_for_ms)
        WITH ORDINALITY AS input(claim_id, tenant_id, payment_hash, status, raw_headers, body, keep_for_ms, n)
      WHERE claims.tenant_id = input.tenant_id AND claims.payment_hash = input.payment_hash AND claims.claim_id = input.claim_id
        AND claims.state = 'held' AND claims.lease_until > clock_timestamp()
      RETURNING input.*, claims.key_hash
  ), answering AS (
    UPDATE answers SET answered = true, status = capturing.status, raw_headers = capturing.raw_headers, body = capturing.body,
        answer_until = clock_timestamp() + capturing.keep_for_ms * interval '1 millisecond'
      FROM capturing
      WHERE capturing.key_hash IS NOT NULL AND answers.tenant_id = capturing.tenant_id
        AND answers.payment_hash = capturing.payment_hash AND answers.key_hash = capturing.key_hash
  )
  SELECT coalesce(array_agg(capturing.n), '{}') INTO done FROM capturing;
  RETURN QUERY SELECT unnest(done);
  IF cardinality(done) < cardinality(claim_ids) THEN
    RETURN QUERY SELECT input.n
      FROM unnest(claim_ids, tenant_ids, payment_hashes) WITH ORDINALITY AS input(claim_id, tenant_id, payment_hash, n)
      JOIN claims USING (tenant_id, payment_hash, claim_id)
      WHERE claims.state = 'captured' AND input.n <> ALL (done);
  END IF;
END
$$;

-- A batch of renewals in one commit, as capture_batch.
CREATE FUNCTION satway.renew_batch(claim_ids uuid[], tenant_ids uuid[], payment_hashes bytea[], lease_ms bigint[]) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  UPDATE claims SET lease_until = greatest(lease_until, clock_timestamp() + input.lease_ms * interval '1 millisecond')
    FROM unnest(claim_ids, tenant_ids, payment_hashes, lease_ms)
      WITH ORDINALITY AS input(claim_id, tenant_id, payment_hash, lease_ms, n)
    WHERE claims.tenant_id = input.tenant_id AND claims.payment_hash = input.payment_hash AND claims.claim_id = input.claim_id
      AND claims.state = 'held' AND claims.lease_until > clock_timestamp()
    RETURNING input.n;
$$;

-- A batch of releases in one commit, sorted: use and counters are given back under the payment's lock, then the payment may rest.
CREATE FUNCTION satway.release_batch(claim_ids uuid[], tenant_ids uuid[], payment_hashes bytea[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
DECLARE
  i integer;
  ended record;
BEGIN
  FOR i IN 1 .. cardinality(claim_ids) LOOP
    PERFORM FROM payments WHERE tenant_id = tenant_ids[i] AND payment_hash = payment_hashes[i] FOR UPDATE;
    UPDATE claims SET state = 'released'
      WHERE tenant_id = tenant_ids[i] AND payment_hash = payment_hashes[i] AND claim_id = claim_ids[i]
        AND state = 'held' AND lease_until > clock_timestamp()
      RETURNING key_hash, counter_hashes, counter_takes INTO ended;
    IF FOUND THEN
      UPDATE payments SET used = used - 1, releases = releases + 1,
          rest_until = greatest(rest_until, clock_timestamp() + rest_after_release(releases + 1))
        WHERE tenant_id = tenant_ids[i] AND payment_hash = payment_hashes[i];
      IF ended.counter_hashes IS NOT NULL THEN
        PERFORM give_back_counters(tenant_ids[i], payment_hashes[i], ended.counter_hashes, ended.counter_takes);
      END IF;
      IF ended.key_hash IS NOT NULL THEN
        DELETE FROM answers
          WHERE tenant_id = tenant_ids[i] AND payment_hash = payment_hashes[i] AND key_hash = ended.key_hash;
      END IF;
      RETURN NEXT i;
    ELSIF EXISTS (
      SELECT FROM claims WHERE tenant_id = tenant_ids[i] AND payment_hash = payment_hashes[i] AND claim_id = claim_ids[i]
        AND state = 'released'
    ) THEN
      RETURN NEXT i;
    END IF;
  END LOOP;
END
$$;

CREATE FUNCTION satway.revoke_chain(tenant uuid, hash bytea, chain bytea, keep_until_ms bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = satway, pg_temp
AS $$
  INSERT INTO revocations (tenant_id, payment_hash, chain_hash, keep_until) VALUES (tenant, hash, chain, from_ms(keep_until_ms))
  ON CONFLICT (tenant_id, payment_hash, chain_hash) DO UPDATE SET keep_until = greatest(revocations.keep_until, excluded.keep_until);
$$;

-- Deletes at most that many payments past their keeping time that no live claim holds, with all that hangs on them; empties dead answers.
-- Returns the number of payments, revocations and answers; 0 when nothing is left to do. Bitmap scans stay on: a BRIN index knows no other.
CREATE FUNCTION satway.prune(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  dead record;
  step bigint;
  pruned bigint := 0;
BEGIN
  FOR dead IN
    SELECT tenant_id, payment_hash FROM payments p
    WHERE keep_until <= now_at AND NOT EXISTS (
      SELECT FROM claims c WHERE c.tenant_id = p.tenant_id AND c.payment_hash = p.payment_hash
        AND c.state = 'held' AND c.lease_until > now_at)
    LIMIT most FOR UPDATE SKIP LOCKED
  LOOP
    -- Read again under the lock: a claim may have come in between, and with it a longer keeping time.
    CONTINUE WHEN EXISTS (SELECT FROM claims WHERE tenant_id = dead.tenant_id AND payment_hash = dead.payment_hash
      AND state = 'held' AND lease_until > now_at);
    DELETE FROM claims WHERE tenant_id = dead.tenant_id AND payment_hash = dead.payment_hash;
    DELETE FROM counters WHERE tenant_id = dead.tenant_id AND payment_hash = dead.payment_hash;
    DELETE FROM answers WHERE tenant_id = dead.tenant_id AND payment_hash = dead.payment_hash;
    DELETE FROM payments WHERE tenant_id = dead.tenant_id AND payment_hash = dead.payment_hash;
    pruned := pruned + 1;
  END LOOP;
  DELETE FROM revocations WHERE keep_until <= now_at;
  GET DIAGNOSTICS step = ROW_COUNT;
  pruned := pruned + step;
  UPDATE answers SET status = NULL, raw_headers = NULL, body = NULL WHERE status IS NOT NULL AND answer_until <= now_at;
  GET DIAGNOSTICS step = ROW_COUNT;
  RETURN pruned + step;
END
$$;

-- The functions belong to the role whose policy lets them through; the app may call the batches, not what they are made of.
GRANT CREATE ON SCHEMA satway TO satway_claims;
DO $owners$
DECLARE
  signature regprocedure;
BEGIN
  FOR signature IN SELECT oid FROM pg_proc WHERE pronamespace = 'satway'::regnamespace LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('ALTER FUNCTION %s OWNER TO satway_claims', signature);
  END LOOP;
  FOR signature IN SELECT oid FROM pg_proc WHERE pronamespace = 'satway'::regnamespace AND prosecdef LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO satway_app', signature);
  END LOOP;
END
$owners$;
REVOKE CREATE ON SCHEMA satway FROM satway_claims;
DO $leave$
BEGIN
  IF current_setting('satway.member_for_now', true) = 'yes' THEN
    EXECUTE format('REVOKE satway_claims FROM %I', current_user);
  END IF;
END
$leave$;
