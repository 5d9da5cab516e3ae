import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import type { ClaimRequest, ClaimStore } from '@satway/gate/claim-store';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres/index.js';
import { claimRequest, newHash } from './harness.js';

const TABLES = ['payments', 'claims', 'counters', 'answers', 'revocations'];

/** Raw SQL as the app's role, without a WHERE that names a tenant. */
describe('row-level security', () => {
  let database: TestDatabase;
  let store: ClaimStore;
  let app: Client;
  let superuser: Client;
  const tenants = [fullClaim(), fullClaim()];
  beforeAll(async () => {
    database = await createTestDatabase();
    store = await openPostgresClaimStore({ url: database.url });
    for (const claim of tenants) {
      await store.claim(claim);
      await store.revoke({ ...claim, chainHashesHex: [newHash()] });
    }
    superuser = await connectTo(database.url, '');
    app = await connectTo(database.url, '-c role=satway_app');
  });
  afterAll(async () => {
    await store.close();
    await app.end();
    await superuser.end();
    await database.drop();
  });

  test.each(TABLES)('%s: without a tenant nothing is seen, although rows of two are there', async (table) => {
    expect(await tenantsIn(superuser, table)).toHaveLength(2);
    await app.query('RESET satway.tenant');
    expect(await tenantsIn(app, table)).toEqual([]);
    await app.query("SET satway.tenant = ''");
    expect(await tenantsIn(app, table)).toEqual([]);
  });

  test.each(TABLES)('%s: with a tenant only its rows are seen', async (table) => {
    for (const { tenantId } of tenants) {
      await app.query(`SET satway.tenant = '${tenantId}'`);
      expect(await tenantsIn(app, table)).toEqual([tenantId]);
    }
  });

  test.each(TABLES)('%s: is not written but through the functions', async (table) => {
    await app.query(`SET satway.tenant = '${tenants[0]?.tenantId ?? ''}'`);
    const writes = [
      `DELETE FROM satway.${table}`,
      `INSERT INTO satway.${table} DEFAULT VALUES`,
      `TRUNCATE satway.${table}`,
    ];
    for (const write of [...writes, `UPDATE satway.${table} SET tenant_id = tenant_id`]) {
      await expect(app.query(write)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test.each(TABLES)('%s: is guarded against its owner too', async (table) => {
    const { rows } = await superuser.query(
      `SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'satway.${table}'::regclass`,
    );
    expect(rows).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }]);
  });

  test('every table that names a tenant is guarded', async () => {
    const { rows } = await superuser.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
       WHERE relnamespace = 'satway'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND attname = 'tenant_id' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(TABLES.toSorted());
  });

  test('neither role can bypass it, log in, or become the other', async () => {
    const { rows } = await superuser.query(
      `SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles
       WHERE rolname IN ('satway_app', 'satway_claims') ORDER BY 1`,
    );
    const powerless = { rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false };
    expect(rows).toEqual([
      { rolname: 'satway_app', ...powerless },
      { rolname: 'satway_claims', ...powerless },
    ]);
    const member = await superuser.query("SELECT pg_has_role('satway_app', 'satway_claims', 'MEMBER') AS is");
    expect(member.rows).toEqual([{ is: false }]);
  });

  test('the app may call the batches and none of their parts', async () => {
    const { rows } = await superuser.query<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'satway'::regnamespace
       AND has_function_privilege('satway_app', oid, 'EXECUTE') ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'capture_batch',
      'claim_batch',
      'knows_payment',
      'prune',
      'release_batch',
      'renew_batch',
      'revoke_branch',
      'revoke_chain',
    ]);
  });

  test('a role that could bypass it is refused at the start', async () => {
    const other = await createTestDatabase();
    await (await openPostgresClaimStore({ url: other.url })).close();
    await superuser.query('ALTER ROLE satway_app BYPASSRLS');
    try {
      await expect(openPostgresClaimStore({ url: other.url })).rejects.toMatchObject({
        code: 'STORE_MIGRATION_FAILED',
      });
    } finally {
      await superuser.query('ALTER ROLE satway_app NOBYPASSRLS');
      await other.drop();
    }
  });
});

/** A claim that leaves a row in every table. */
function fullClaim(): ClaimRequest {
  return claimRequest({
    counters: [{ chainHashHex: newHash(), take: 1, cap: 2 }],
    idempotency: { keyHashHex: newHash(), requestDigestHex: newHash() },
  });
}

async function connectTo(connectionString: string, options: string): Promise<Client> {
  const client = new Client({ connectionString, options });
  await client.connect();
  return client;
}

async function tenantsIn(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ tenant_id: string }>(`SELECT tenant_id FROM satway.${table}`);
  return rows.map((row) => row.tenant_id);
}
