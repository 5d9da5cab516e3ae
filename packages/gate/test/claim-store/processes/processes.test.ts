import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimStore } from '@satway/gate/claim-store';
import { openPgliteClaimStore, openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres/index.js';
import { another, claimRequest, countOutcome } from '../harness.js';
import { ClaimProcess } from './claim-process.js';

describe('several processes on one PostgreSQL', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let processes: ClaimProcess[];
  let store: ClaimStore;
  beforeAll(async () => {
    database = await createTestDatabase();
    // At the same time and on an empty database: one of them makes the tables, the others wait for it.
    processes = await Promise.all([1, 2, 3].map(() => ClaimProcess.start('postgres', database.url)));
    store = await openPostgresClaimStore({ url: database.url });
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    await store.close();
    await database.drop();
  });

  test('of parallel replays of one payment exactly one succeeds', async () => {
    const payments = Array.from({ length: 20 }, () => claimRequest());
    const results = await Promise.all(
      processes.map((one) => one.claim(payments.flatMap((payment) => [1, 2, 3].map(() => another(payment))))),
    );
    for (const index of payments.keys()) {
      const replays = results.flatMap((ofOne) => ofOne.slice(index * 3, index * 3 + 3));
      expect(countOutcome(replays, 'granted')).toBe(1);
      expect(countOutcome(replays, 'claim_in_progress')).toBe(8);
    }
  });

  test('a payment of many uses grants exactly its uses over all processes, and every grant can be captured', async () => {
    const payment = claimRequest({ uses: 40 });
    const claims = processes.map(() => Array.from({ length: 25 }, () => another(payment)));
    const results = await Promise.all(processes.map((one, at) => one.claim(claims[at] ?? [])));
    const granted = results.map((ofOne, at) => (claims[at] ?? []).filter((_, n) => ofOne[n]?.outcome === 'granted'));
    expect(granted.flat()).toHaveLength(40);
    const captured = await Promise.all(processes.map((one, at) => one.capture(granted[at] ?? [])));
    expect(captured.flat()).toEqual(Array.from({ length: 40 }, () => true));
    expect(await store.claim(another(payment))).toEqual({ outcome: 'consumed' });
  });

  test('batches over the same payments in any order do not deadlock and do not fail', async () => {
    const payments = Array.from({ length: 30 }, () => claimRequest({ uses: 1_000 }));
    const rounds = await Promise.all(
      processes.map(async (one, at) => {
        const results = [];
        for (let round = 0; round < 5; round += 1) {
          const order = at % 2 === 0 ? payments : payments.toReversed();
          const claims = order.map((payment) => another(payment));
          results.push(...(await one.claim(claims)));
          expect(await one.capture(claims)).toEqual(claims.map(() => true));
        }
        return results;
      }),
    );
    expect(countOutcome(rounds.flat(), 'granted')).toBe(3 * 5 * 30);
  });

  test('a process that is killed between claim and capture gives its use back when the lease ends: one success in total', async () => {
    const payments = Array.from({ length: 10 }, () => claimRequest({ leaseMs: 1_500 }));
    const doomed = await ClaimProcess.start('postgres', database.url);
    expect(countOutcome(await doomed.claim(payments), 'granted')).toBe(10);
    await doomed.kill();
    const replays = await Promise.all(payments.map((payment) => claimWhenFree(store, payment)));
    expect(await Promise.all(payments.map((payment) => store.capture(payment)))).toEqual(payments.map(() => false));
    expect(await Promise.all(replays.map((replay) => store.capture(replay)))).toEqual(replays.map(() => true));
    const late = await Promise.all(payments.map((payment) => store.claim(another(payment))));
    expect(countOutcome(late, 'consumed')).toBe(10);
  });

  test('a process that is killed in the middle of its claims leaves no use taken for good and none taken twice', async () => {
    const payments = Array.from({ length: 200 }, () => claimRequest({ leaseMs: 1_500 }));
    const doomed = await ClaimProcess.start('postgres', database.url);
    const dying = doomed.claim(payments).catch(() => 'killed');
    await doomed.kill();
    await dying;
    const replays = await Promise.all(payments.map((payment) => claimWhenFree(store, payment)));
    expect(await Promise.all(replays.map((replay) => store.capture(replay)))).toEqual(replays.map(() => true));
  });
});

describe('a process on PGlite', { timeout: 120_000 }, () => {
  test('that is killed loses nothing that it had answered, and its folder opens again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'satway-pglite-'));
    const doomed = await ClaimProcess.start('pglite', folder);
    const captured = claimRequest();
    const held = claimRequest({ leaseMs: 1_500 });
    expect(countOutcome(await doomed.claim([captured, held]), 'granted')).toBe(2);
    expect(await doomed.capture([captured])).toEqual([true]);
    await expect(ClaimProcess.start('pglite', folder)).rejects.toThrow('PROCESS_LOCK_HELD');
    await doomed.kill();
    const store = await openPgliteClaimStore({ folder, warn: () => {} });
    expect(await store.claim(another(captured))).toEqual({ outcome: 'consumed' });
    const replay = await claimWhenFree(store, held);
    expect(await store.capture(replay)).toBe(true);
    await store.close();
    await rm(folder, { recursive: true });
  });
});

/** Claims again until the lease in the way has ended on the store's own clock, as a buyer would who follows `Retry-After`. */
async function claimWhenFree(store: ClaimStore, payment: ReturnType<typeof claimRequest>): Promise<typeof payment> {
  for (;;) {
    const claim = another(payment, { leaseMs: 60_000 });
    const result = await store.claim(claim);
    if (result.outcome === 'granted') return claim;
    if (result.outcome !== 'claim_in_progress') throw new Error(result.outcome);
    await new Promise((resolve) => {
      setTimeout(resolve, result.retryAfterMs);
    });
  }
}
