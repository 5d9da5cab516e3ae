import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import {
  assertPowerLossAccepted,
  attachPgliteClaimStore,
  openPgliteClaimStore,
  POWER_LOSS_WARNING,
} from '@satway/gate/claim-store/sql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { another, claimRequest, HOUR_MS } from './harness.js';
import { letSqlTimePass } from './sql-time.js';

describe('a folder of PGlite', { timeout: 120_000 }, () => {
  let parent: string;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'satway-pglite-'));
  });
  afterAll(() => rm(parent, { recursive: true }));

  test('is made when missing, serves one store at a time, and remembers what was consumed', async () => {
    const folder = join(parent, 'new', 'store');
    const first = await openPgliteClaimStore({ folder, warn: () => {} });
    const request = claimRequest();
    await first.claim(request);
    await first.capture(request);
    await expect(openPgliteClaimStore({ folder, warn: () => {} })).rejects.toMatchObject({ code: 'PROCESS_LOCK_HELD' });
    await first.close();
    const second = await openPgliteClaimStore({ folder, warn: () => {} });
    expect(await second.claim(another(request))).toEqual({ outcome: 'consumed' });
    await second.close();
  });

  test('says at the start that a power cut can lose its last moments', async () => {
    const warnings: string[] = [];
    const store = await openPgliteClaimStore({ folder: join(parent, 'warns'), warn: (text) => warnings.push(text) });
    await store.close();
    expect(warnings).toEqual([POWER_LOSS_WARNING]);
    expect(POWER_LOSS_WARNING).toContain('power cut');
  });

  test('that cannot be made is an error of ours, and leaves no lock', async () => {
    await expect(openPgliteClaimStore({ folder: '/dev/null/store' })).rejects.toMatchObject({
      code: 'PROCESS_LOCK_FAILED',
    });
  });

  test('whose tables were made by a later version is refused and given free again', async () => {
    const folder = join(parent, 'later');
    await (await openPgliteClaimStore({ folder, warn: () => {} })).close();
    const database = await PGlite.create(join(folder, 'postgres'));
    await database.exec("INSERT INTO satway.migrations (name, checksum) VALUES ('9999_later.sql', 'x')");
    await database.close();
    const open = () => openPgliteClaimStore({ folder, warn: () => {} });
    await expect(open()).rejects.toMatchObject({ code: 'STORE_MIGRATION_FAILED' });
    await expect(open()).rejects.toMatchObject({ code: 'STORE_MIGRATION_FAILED' });
    await access(join(folder, 'claims.lock'));
  });
});

describe('a PGlite that is open already', { timeout: 120_000 }, () => {
  test('is used as a role that row-level security binds, and stays open', async () => {
    const database = await PGlite.create();
    const store = await attachPgliteClaimStore(database);
    await store.claim(claimRequest());
    expect((await database.query('SELECT current_user::text AS role')).rows).toEqual([{ role: 'satway_app' }]);
    expect((await database.query('SELECT * FROM satway.payments')).rows).toEqual([]);
    await store.close();
    expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
  });
});

describe('pruning on PGlite', { timeout: 120_000 }, () => {
  test('gives space back, and the store works on as the bound role', async () => {
    const database = await PGlite.create();
    const store = await attachPgliteClaimStore(database);
    const dead = Array.from({ length: 300 }, () => claimRequest({ keepUntilMs: Date.now() + HOUR_MS }));
    await Promise.all(dead.map((claim) => store.claim(claim)));
    await Promise.all(dead.map((claim) => store.capture(claim)));
    await database.exec(`RESET ROLE; ${letSqlTimePass(2 * HOUR_MS)}; SET ROLE satway_app`);
    const before = await sizeOfClaims(database);
    expect(await store.prune()).toBe(300);
    expect(await sizeOfClaims(database)).toBeLessThan(before);
    expect((await database.query('SELECT current_user::text AS role')).rows).toEqual([{ role: 'satway_app' }]);
    expect(await store.claim(claimRequest())).toEqual({ outcome: 'granted' });
    await store.close();
    await database.close();
  });
});

async function sizeOfClaims(database: PGlite): Promise<number> {
  const { rows } = await database.query<{ size: number }>("SELECT pg_relation_size('satway.claims')::int AS size");
  return rows[0]?.size ?? 0;
}

describe('power loss', () => {
  test('must be accepted on mainnet, and only there', () => {
    expect(() => assertPowerLossAccepted('bitcoin', false)).toThrow(
      expect.objectContaining({ code: 'POWER_LOSS_NOT_ACCEPTED', fundsMoved: 'no' }),
    );
    for (const [network, accepted] of [
      ['bitcoin', true],
      ['regtest', false],
      ['testnet', false],
      ['signet', false],
    ] as const) {
      expect(() => assertPowerLossAccepted(network, accepted)).not.toThrow();
    }
  });
});
