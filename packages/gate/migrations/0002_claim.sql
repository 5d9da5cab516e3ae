-- Claiming payments. The functions of this file and the next are the only way to write the tables; each that the app calls handles a batch
-- of rows of any tenants in one commit. All times are this server's (clock_timestamp), never a caller's.

-- Milliseconds since 1970, up to 8.64e15, without a detour over floating point.
CREATE FUNCTION satway.from_ms(ms bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timestamptz 'epoch' + (ms / 1000) * interval '1 second' + (ms % 1000) * interval '1 millisecond';

CREATE FUNCTION satway.ms_until(instant timestamptz, now_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ceil(extract(epoch FROM instant - now_at) * 1000)::bigint;

-- What a caller is told to wait while a lease is in the way: the holder usually ends long before its lease, so at most a second.
CREATE FUNCTION satway.wait_for_lease_ms(lease_until timestamptz, now_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(1, least(satway.ms_until(lease_until, now_at), 1000));

-- The n-th release (n >= 2) rests a payment for 2^(n-1) seconds, at most 2^6.
CREATE FUNCTION satway.rest_after_release(releases integer) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN releases < 2 THEN interval '0' ELSE interval '1 second' * 2 ^ least(releases - 1, 6) END;

-- The batches (claim_batch below, the others in the next file) are what the app calls; they set the path and the planner, and what follows runs under their settings. No sequential
-- scans, whose plans would be kept from when the tables were small; no bitmap scans, which never mark an index entry as dead.

-- Gives what one claim took back to its payment's counters. The caller holds the payment's row lock, as for all that follow.
CREATE FUNCTION satway.give_back_counters(tenant uuid, hash bytea, hashes bytea[], takes bigint[]) RETURNS void
LANGUAGE sql
AS $$
  UPDATE satway.counters SET taken = taken - back.take
  FROM unnest(hashes, takes) AS back(chain_hash, take)
  WHERE counters.tenant_id = tenant AND counters.payment_hash = hash AND counters.chain_hash = back.chain_hash;
$$;

-- Gives back what leases that ran out had taken; returns how many uses.
CREATE FUNCTION satway.reap(tenant uuid, hash bytea, now_at timestamptz) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  dead record;
  reaped bigint := 0;
BEGIN
  FOR dead IN
    SELECT claim_id, counter_hashes, counter_takes, key_hash FROM claims
    WHERE tenant_id = tenant AND payment_hash = hash AND state = 'held' AND lease_until <= now_at
    ORDER BY claim_id FOR UPDATE
  LOOP
    UPDATE claims SET state = 'expired' WHERE tenant_id = tenant AND payment_hash = hash AND claim_id = dead.claim_id;
    IF dead.counter_hashes IS NOT NULL THEN
      PERFORM give_back_counters(tenant, hash, dead.counter_hashes, dead.counter_takes);
    END IF;
    IF dead.key_hash IS NOT NULL THEN
      DELETE FROM answers WHERE tenant_id = tenant AND payment_hash = hash AND key_hash = dead.key_hash;
    END IF;
    reaped := reaped + 1;
  END LOOP;
  IF reaped > 0 THEN
    UPDATE payments SET used = used - reaped WHERE tenant_id = tenant AND payment_hash = hash;
  END IF;
  RETURN reaped;
END
$$;

-- What a claim of this id was told before; no outcome for a new one. One that was given back is not granted again under its old
-- name: its first holder could capture what the second holds.
CREATE FUNCTION satway.earlier_claim(
  tenant uuid, hash bytea, claim uuid, now_at timestamptz, OUT outcome text, OUT retry_after_ms bigint
)
LANGUAGE plpgsql
AS $$
DECLARE
  earlier record;
BEGIN
  SELECT state, lease_until INTO earlier FROM claims WHERE tenant_id = tenant AND payment_hash = hash AND claim_id = claim;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF earlier.state = 'captured' OR (earlier.state = 'held' AND earlier.lease_until > now_at) THEN
    outcome := 'granted';
  ELSE
    outcome := 'claim_in_progress';
    retry_after_ms := 1;
  END IF;
END
$$;

-- What an Idempotency-Key says; no outcome where it is free.
CREATE FUNCTION satway.earlier_answer(
  tenant uuid, hash bytea, idempotency_key bytea, digest bytea, now_at timestamptz,
  OUT outcome text, OUT retry_after_ms bigint, OUT status integer, OUT raw_headers text, OUT body bytea
)
LANGUAGE plpgsql
AS $$
DECLARE
  earlier record;
BEGIN
  SELECT a.*, c.lease_until INTO earlier FROM answers a
    LEFT JOIN claims c ON c.tenant_id = tenant AND c.payment_hash = hash AND c.claim_id = a.claim_id
    WHERE a.tenant_id = tenant AND a.payment_hash = hash AND a.key_hash = idempotency_key;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF earlier.request_digest <> digest THEN
    outcome := 'idempotency_conflict';
  ELSIF NOT earlier.answered THEN
    outcome := 'idempotency_in_progress';
    retry_after_ms := wait_for_lease_ms(earlier.lease_until, now_at);
  ELSE
    outcome := 'replay';
    IF earlier.answer_until > now_at THEN
      status := earlier.status;
      raw_headers := earlier.raw_headers;
      body := earlier.body;
    END IF;
  END IF;
END
$$;

-- Whether these takes fit: 0 all do, 1 they would if claims under way gave back, 2 never.
CREATE FUNCTION satway.counters_full(tenant uuid, hash bytea, hashes bytea[], takes bigint[], caps bigint[]) RETURNS integer
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(max(CASE
    WHEN coalesce(c.taken, 0)::numeric + want.take <= least(want.cap, coalesce(c.cap, want.cap)) THEN 0
    WHEN c.taken::numeric - coalesce(under_way.take, 0) + want.take <= least(want.cap, c.cap) THEN 1
    ELSE 2 END), 0)
  FROM unnest(hashes, takes, caps) AS want(chain_hash, take, cap)
  LEFT JOIN satway.counters c ON c.tenant_id = tenant AND c.payment_hash = hash AND c.chain_hash = want.chain_hash
  LEFT JOIN LATERAL (
    SELECT sum(held.take) AS take
    FROM satway.claims, unnest(claims.counter_hashes, claims.counter_takes) AS held(chain_hash, take)
    WHERE claims.tenant_id = tenant AND claims.payment_hash = hash AND claims.state = 'held'
      AND held.chain_hash = want.chain_hash AND c.taken::numeric + want.take > least(want.cap, c.cap)
  ) under_way ON true;
$$;

-- Why there is no room for one more use and these takes, the reason that lasts longest first; no outcome where there is.
CREATE FUNCTION satway.why_no_room(
  tenant uuid, hash bytea, uses bigint, used bigint, hashes bytea[], takes bigint[], caps bigint[], now_at timestamptz,
  OUT outcome text, OUT retry_after_ms bigint
)
LANGUAGE plpgsql
AS $$
DECLARE
  fullness integer := 0;
  held_count bigint;
  first_lease timestamptz;
BEGIN
  IF hashes IS NOT NULL THEN
    fullness := counters_full(tenant, hash, hashes, takes, caps);
  END IF;
  IF used < uses AND fullness = 0 THEN
    RETURN;
  END IF;
  SELECT count(*), min(lease_until) INTO held_count, first_lease
    FROM claims WHERE tenant_id = tenant AND payment_hash = hash AND state = 'held';
  IF used - held_count >= uses THEN
    outcome := 'consumed';
  ELSIF fullness = 2 THEN
    outcome := 'quota_exhausted';
  ELSE
    outcome := 'claim_in_progress';
    retry_after_ms := wait_for_lease_ms(first_lease, now_at);
  END IF;
END
$$;

CREATE TYPE satway.claim_answer AS (
  n bigint, outcome text, retry_after_ms bigint, status integer, raw_headers text, body bytea
);

-- The claims first_n to last_n of a batch, all on one payment, with everything that they may carry. Locks the payment's row first, as whatever
-- touches its uses or counters does, and writes it once at the end.
CREATE FUNCTION satway.claim_payment(
  first_n bigint, last_n bigint, claim_ids uuid[], tenant uuid, hash bytea, uses bigint[], keep_until_ms bigint[], lease_ms bigint[],
  chains text[], counters jsonb, key_hashes bytea[], digests bytea[]
) RETURNS SETOF satway.claim_answer
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
  payment satway.payments%ROWTYPE;
  answer satway.claim_answer;
  known boolean;
  used bigint := 0;
  granted bigint := 0;
  keep timestamptz;
  longest_keep timestamptz;
  now_at timestamptz;
  has_revocations boolean;
  hashes bytea[];
  takes bigint[];
  caps bigint[];
BEGIN
  SELECT * INTO payment FROM payments p WHERE p.tenant_id = tenant AND p.payment_hash = hash FOR UPDATE;
  known := FOUND;
  now_at := clock_timestamp();
  IF known THEN
    used := payment.used - reap(tenant, hash, now_at);
  END IF;
  has_revocations := EXISTS (SELECT FROM revocations r WHERE r.tenant_id = tenant AND r.payment_hash = hash);

  FOR i IN first_n .. last_n LOOP
    answer := NULL;
    answer.n := i;
    IF known THEN
      SELECT e.* INTO answer.outcome, answer.retry_after_ms FROM earlier_claim(tenant, hash, claim_ids[i], now_at) e;
    END IF;
    IF answer.outcome IS NULL AND has_revocations AND EXISTS (
      SELECT FROM revocations r WHERE r.tenant_id = tenant AND r.payment_hash = hash
        AND encode(r.chain_hash, 'hex') = ANY (string_to_array(chains[i], ','))
    ) THEN
      answer.outcome := 'revoked';
    END IF;
    IF answer.outcome IS NULL AND known AND key_hashes[i] IS NOT NULL THEN
      SELECT e.* INTO answer.outcome, answer.retry_after_ms, answer.status, answer.raw_headers, answer.body
        FROM earlier_answer(tenant, hash, key_hashes[i], digests[i], now_at) e;
    END IF;
    -- Past its keeping time an earlier record may be pruned: nothing tells a fresh payment from a consumed one.
    keep := from_ms(keep_until_ms[i]);
    IF answer.outcome IS NULL AND keep <= now_at THEN
      answer.outcome := 'consumed';
    END IF;
    IF answer.outcome IS NOT NULL THEN
      RETURN NEXT answer;
      CONTINUE;
    END IF;

    IF NOT known THEN
      INSERT INTO payments (tenant_id, payment_hash, uses, used, keep_until) VALUES (tenant, hash, uses[i], 0, keep)
        ON CONFLICT DO NOTHING;
      SELECT * INTO STRICT payment FROM payments p WHERE p.tenant_id = tenant AND p.payment_hash = hash FOR UPDATE;
      known := true;
      used := payment.used;
      now_at := clock_timestamp();
    END IF;
    hashes := NULL; takes := NULL; caps := NULL;
    IF counters ? i::text THEN
      SELECT array_agg(decode(want ->> 0, 'hex')), array_agg((want ->> 1)::bigint), array_agg((want ->> 2)::bigint)
        INTO hashes, takes, caps FROM jsonb_array_elements(counters -> i::text) AS want;
    END IF;
    SELECT w.* INTO answer.outcome, answer.retry_after_ms
      FROM why_no_room(tenant, hash, least(uses[i], payment.uses), used, hashes, takes, caps, now_at) w;
    IF answer.outcome IS NULL AND payment.rest_until > now_at THEN
      answer.outcome := 'resting';
      answer.retry_after_ms := ms_until(payment.rest_until, now_at);
    END IF;
    IF answer.outcome IS NOT NULL THEN
      RETURN NEXT answer;
      CONTINUE;
    END IF;

    INSERT INTO claims (tenant_id, payment_hash, claim_id, state, lease_until, key_hash, counter_hashes, counter_takes)
      VALUES (tenant, hash, claim_ids[i], 'held', now_at + lease_ms[i] * interval '1 millisecond', key_hashes[i], hashes, takes);
    IF hashes IS NOT NULL THEN
      INSERT INTO counters AS c (tenant_id, payment_hash, chain_hash, taken, cap)
        SELECT tenant, hash, want.chain_hash, want.take, want.cap FROM unnest(hashes, takes, caps) AS want(chain_hash, take, cap)
        ON CONFLICT ON CONSTRAINT counters_pkey DO UPDATE SET taken = c.taken + excluded.taken;
    END IF;
    IF key_hashes[i] IS NOT NULL THEN
      INSERT INTO answers (tenant_id, payment_hash, key_hash, claim_id, request_digest)
        VALUES (tenant, hash, key_hashes[i], claim_ids[i], digests[i]);
    END IF;
    used := used + 1;
    granted := granted + 1;
    longest_keep := greatest(longest_keep, keep);
    answer.outcome := 'granted';
    RETURN NEXT answer;
  END LOOP;

  IF granted > 0 THEN
    UPDATE payments p SET used = p.used + granted, keep_until = greatest(p.keep_until, longest_keep)
      WHERE p.tenant_id = tenant AND p.payment_hash = hash;
  END IF;
END
$$;

-- A batch of claims in one commit. Rows come sorted by tenant and payment hash, equal ones in order of arrival; "leads" marks the first of its
-- payment in the batch. Payments that are new are opened set by set, and those of them whose leader names no counter are taken at once; the
-- other rows follow payment by payment.
-- No deadlock: the first step waits for other transactions in key order and holds nothing but new rows; whoever is past it wants no new row of
-- others, only rows that were committed before, in key order again.
CREATE FUNCTION satway.claim_batch(
  claim_ids uuid[], tenant_ids uuid[], payment_hashes bytea[], uses bigint[], keep_until_ms bigint[], lease_ms bigint[],
  chains text[], leads boolean[], counters jsonb, key_hashes bytea[], digests bytea[]
) RETURNS SETOF satway.claim_answer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = satway, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
DECLARE
  opened bigint[];
  same record;
BEGIN
  WITH input AS MATERIALIZED (
    SELECT * FROM unnest(claim_ids, tenant_ids, payment_hashes, uses, keep_until_ms, lease_ms, leads, key_hashes, digests)
      WITH ORDINALITY AS row(claim_id, tenant_id, payment_hash, uses, keep_until_ms, lease_ms, leads, key_hash, digest, n)
    WHERE leads
  ), opening AS (
    INSERT INTO payments (tenant_id, payment_hash, uses, used, keep_until)
      SELECT tenant_id, payment_hash, uses, CASE WHEN counters ? n::text THEN 0 ELSE 1 END, from_ms(keep_until_ms) FROM input
      WHERE from_ms(keep_until_ms) > clock_timestamp()
        AND NOT EXISTS (SELECT FROM revocations r WHERE r.tenant_id = input.tenant_id AND r.payment_hash = input.payment_hash)
      ORDER BY n
      ON CONFLICT DO NOTHING
      RETURNING tenant_id, payment_hash
  ), taken AS MATERIALIZED (
    SELECT input.* FROM input JOIN opening USING (tenant_id, payment_hash) WHERE NOT counters ? n::text
  ), holding AS (
    INSERT INTO claims (tenant_id, payment_hash, claim_id, state, lease_until, key_hash)
      SELECT tenant_id, payment_hash, claim_id, 'held', clock_timestamp() + lease_ms * interval '1 millisecond', key_hash FROM taken
  ), keying AS (
    INSERT INTO answers (tenant_id, payment_hash, key_hash, claim_id, request_digest)
      SELECT tenant_id, payment_hash, key_hash, claim_id, digest FROM taken WHERE key_hash IS NOT NULL
  )
  SELECT coalesce(array_agg(taken.n), '{}') INTO opened FROM taken;
  RETURN QUERY SELECT granted.n, 'granted', NULL::bigint, NULL::integer, NULL::text, NULL::bytea
    FROM unnest(opened) AS granted(n);
  IF cardinality(opened) = cardinality(claim_ids) THEN
    RETURN;
  END IF;

  FOR same IN
    SELECT input.tenant_id, input.payment_hash, min(input.n) AS first_n, max(input.n) AS last_n
    FROM unnest(tenant_ids, payment_hashes) WITH ORDINALITY AS input(tenant_id, payment_hash, n)
    WHERE input.n <> ALL (opened) GROUP BY 1, 2 ORDER BY first_n
  LOOP
    RETURN QUERY SELECT * FROM claim_payment(
      same.first_n, same.last_n, claim_ids, same.tenant_id, same.payment_hash, uses, keep_until_ms, lease_ms,
      chains, counters, key_hashes, digests);
  END LOOP;
END
$$;
