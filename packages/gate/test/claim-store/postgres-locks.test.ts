import type { ClaimStore } from '@satway/gate/claim-store';
import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres/index.js';
import { another, claimRequest, countOutcome, GRANTED, newHash } from './harness.js';

describe('locks in PostgreSQL', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let stores: readonly [ClaimStore, ClaimStore];
  let superuser: Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    const open = () => openPostgresClaimStore({ url: database.url, timeLimitMs: 60_000 });
    stores = [await open(), await open()];
    superuser = new Client({ connectionString: database.url });
    await superuser.connect();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await superuser.end();
    await database.drop();
  });

  const branch = [{ chainHashHex: newHash(), take: 1, cap: 9 }];
  test.each([
    ['a claim', []],
    ['a claim on a branch', branch],
  ])('%s waits for a transaction that is taking the same payment, and then sees what it took', async (_, counters) => {
    const [store] = stores;
    const payment = claimRequest({ uses: 2, counters });
    await store.claim(payment);
    await store.capture(payment);
    await superuser.query('BEGIN');
    await superuser.query(`UPDATE satway.payments SET used = 2 WHERE payment_hash = '\\x${payment.paymentHashHex}'`);
    const claim = store.claim(another(payment));
    await untilWaiting(database, 1);
    await superuser.query('COMMIT');
    expect(await claim).toEqual({ outcome: 'consumed' });
  });

  test('two batches that waited for the same payments share what is left of each', async () => {
    const payments = Array.from({ length: 40 }, () => claimRequest({ uses: 2 }));
    await Promise.all(payments.map((payment) => stores[0].claim(payment)));
    await superuser.query('BEGIN; SELECT FROM satway.payments FOR UPDATE');
    const claims = stores.map((store) => Promise.all(payments.map((payment) => store.claim(another(payment)))));
    await untilWaiting(database, 2);
    await superuser.query('COMMIT');
    const [ours = [], theirs = []] = await Promise.all(claims);
    for (const [at] of payments.entries()) {
      const outcomes = [ours[at]?.outcome, theirs[at]?.outcome];
      expect(outcomes.sort()).toEqual(['claim_in_progress', 'granted']);
    }
  });

  test('batches that name the same payments in opposite orders never deadlock', async () => {
    const known = Array.from({ length: 40 }, () => claimRequest({ uses: 10_000 }));
    await Promise.all(known.map((payment) => stores[0].claim(payment)));
    for (let round = 0; round < 12; round += 1) {
      const counters = () => [{ chainHashHex: newHash(), take: 1, cap: 2 }];
      const fresh = Array.from({ length: 40 }, (_, n) =>
        claimRequest({ uses: 2, counters: n % 3 > 0 ? counters() : [] }),
      );
      const payments = [...known, ...fresh];
      const sets = [payments, payments.toReversed()].map((set) => set.map((payment) => another(payment)));
      await Promise.all(stores.map((store, at) => takeAndEnd(store, sets[at] ?? [])));
    }
    const { rows } = await superuser.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(rows).toEqual([{ deadlocks: '0' }]);
  });
});

/** Claims all in one batch, then captures one half and renews the other. */
async function takeAndEnd(store: ClaimStore, claims: readonly ReturnType<typeof claimRequest>[]): Promise<void> {
  const results = await Promise.all(claims.map((claim) => store.claim(claim)));
  expect(countOutcome(results, GRANTED.outcome)).toBe(claims.length);
  const ended = await Promise.all(
    claims.map((claim, at) => (at % 2 === 0 ? store.capture(claim) : store.renew(claim, 1_000))),
  );
  expect(ended).toEqual(claims.map(() => true));
}

/** Resolves when that many sessions of the database wait for a lock. */
async function untilWaiting(database: TestDatabase, sessions: number): Promise<void> {
  const watcher = new Client({ connectionString: database.url });
  await watcher.connect();
  const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  for (;;) {
    const { rowCount } = await watcher.query(waiting);
    if ((rowCount ?? 0) >= sessions) break;
  }
  await watcher.end();
}
