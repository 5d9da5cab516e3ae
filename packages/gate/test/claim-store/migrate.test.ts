import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { migratePostgres, openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, runOnce, type TestDatabase } from '../../../../test/support/postgres/index.js';
import { LONGEST_WAIT_FOR_LEASE_MS, restMsAfterRelease, waitForLeaseMs } from '../../src/claim-store/claim-rules.js';
import { claimRequest } from './harness.js';

const FOLDER = new URL('../../migrations/', import.meta.url);
const FAILED = { code: 'STORE_MIGRATION_FAILED', fundsMoved: 'no' };

describe('migrations', () => {
  let database: TestDatabase;
  let client: Client;
  beforeEach(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  test('are applied once, in the order of their names, with the checksum of each file', async () => {
    const names = (await readdir(FOLDER)).sort();
    expect(await migratePostgres(database.url)).toEqual(names);
    expect(await migratePostgres(database.url)).toEqual([]);
    const { rows } = await client.query('SELECT name, checksum FROM satway.migrations ORDER BY name');
    const files = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER))));
    expect(rows).toEqual(
      names.map((name, index) => ({
        name,
        checksum: createHash('sha256')
          .update(files[index] ?? '')
          .digest('hex'),
      })),
    );
  });

  test('that start at the same time are applied by one, and the others wait', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migratePostgres(database.url)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });

  test('that were changed after they were applied stop the start', async () => {
    await migratePostgres(database.url);
    await runOnce(database.url, "UPDATE satway.migrations SET checksum = 'other'");
    await expect(openPostgresClaimStore({ url: database.url })).rejects.toMatchObject(FAILED);
  });

  test('of a later version stop the start', async () => {
    await migratePostgres(database.url);
    await runOnce(database.url, "INSERT INTO satway.migrations (name, checksum) VALUES ('9999_later.sql', 'x')");
    await expect(migratePostgres(database.url)).rejects.toMatchObject({
      ...FAILED,
      detail: expect.stringContaining('9999_later.sql'),
    });
  });

  test('that fail leave nothing behind, and succeed when the cause is gone', async () => {
    await runOnce(database.url, 'CREATE SCHEMA satway; CREATE TABLE satway.revocations (note text)');
    await expect(migratePostgres(database.url)).rejects.toMatchObject(FAILED);
    const { rows } = await client.query("SELECT to_regclass('satway.payments') AS payments");
    expect(rows).toEqual([{ payments: null }]);
    await runOnce(database.url, 'DROP TABLE satway.revocations');
    expect(await migratePostgres(database.url)).not.toEqual([]);
  });

  test('can be run by an owner who is no superuser, and the store be used by a login of its own', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const [owner, login] = [`${name}_owner`, `${name}_login`];
    const other = await createTestDatabase();
    await migratePostgres(other.url); // The roles are there then, made by somebody else.
    await other.drop();
    await client.query(`
      CREATE ROLE ${owner} LOGIN PASSWORD 'x' CREATEROLE;
      CREATE ROLE ${login} LOGIN PASSWORD 'x' IN ROLE satway_app; ALTER DATABASE ${name} OWNER TO ${owner};
      DO $$ BEGIN
        -- From PostgreSQL 16 on, who may create roles may hand on only those that were handed to it.
        IF current_setting('server_version_num')::int >= 160000 THEN
          EXECUTE 'GRANT satway_app, satway_claims TO ${owner} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
        END IF;
      END $$`);
    const store = await openPostgresClaimStore({
      url: urlFor(database, login),
      migrationUrl: urlFor(database, owner),
    });
    const request = claimRequest();
    expect(await store.claim(request)).toEqual({ outcome: 'granted' });
    expect(await store.capture(request)).toBe(true);
    await store.close();
    const asOwner = new Client({ connectionString: urlFor(database, owner) });
    await asOwner.connect();
    // Forced row-level security: the owner of the tables sees nothing either.
    expect((await asOwner.query('SELECT * FROM satway.payments')).rows).toEqual([]);
    await asOwner.end();
    await client.query(
      `REASSIGN OWNED BY ${owner} TO postgres; DROP OWNED BY ${owner}; DROP ROLE ${login}; DROP ROLE ${owner}`,
    );
  });

  test('are not enough for a login that is no member of the role that row-level security binds', async () => {
    await migratePostgres(database.url);
    const login = `${new URL(database.url).pathname.slice(1)}_stranger`;
    await client.query(`CREATE ROLE ${login} LOGIN PASSWORD 'x'`);
    const opening = openPostgresClaimStore({ url: urlFor(database, login), migrationUrl: database.url });
    await expect(opening).rejects.toMatchObject({ ...FAILED, detail: expect.stringContaining('satway_app') });
    await client.query(`DROP ROLE ${login}`);
  });

  test('repeat the numbers of the other stores', async () => {
    await migratePostgres(database.url);
    const { rows } = await client.query<{ releases: number; ms: string }>(
      'SELECT n AS releases, extract(epoch FROM satway.rest_after_release(n)) * 1000 AS ms FROM generate_series(0, 40) AS n',
    );
    expect(rows.map(({ ms }) => Number(ms))).toEqual(rows.map(({ releases }) => restMsAfterRelease(releases)));
    const lefts = [-5, 0, 1, 999, LONGEST_WAIT_FOR_LEASE_MS, 60_000];
    const waits = await client.query<{ ms: string }>(
      `SELECT satway.wait_for_lease_ms(t + ms * interval '1 millisecond', t) AS ms
       FROM unnest($1::bigint[]) WITH ORDINALITY AS u(ms, n), (SELECT clock_timestamp() AS t) AS c ORDER BY n`,
      [lefts],
    );
    expect(waits.rows.map(({ ms }) => Number(ms))).toEqual(lefts.map(waitForLeaseMs));
  });
});

function urlFor(database: TestDatabase, user: string): string {
  const url = new URL(database.url);
  url.username = user;
  url.password = 'x';
  return url.href;
}
