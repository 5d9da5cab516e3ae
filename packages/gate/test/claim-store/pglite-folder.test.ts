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
import { another, claimRequest } from './harness.js';

describe('a folder of PGlite', () => {
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

describe('a PGlite that is open already', () => {
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
