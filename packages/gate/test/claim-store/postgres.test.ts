import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { describe } from 'vitest';
import { createTestDatabase } from '../../../../test/support/postgres/index.js';
import { claimStoreConformance } from './conformance.js';
import { letSqlTimePass } from './sql-time.js';
import { Client } from 'pg';

describe('the claim store on PostgreSQL', () => {
  claimStoreConformance(async () => {
    const database = await createTestDatabase();
    const store = await openPostgresClaimStore({ url: database.url });
    const superuser = new Client({ connectionString: database.url });
    await superuser.connect();
    return {
      store,
      nowMs: Date.now,
      letTimePass: async (ms) => {
        await superuser.query(letSqlTimePass(ms));
      },
      stop: async () => {
        await store.close();
        await superuser.end();
        await database.drop();
      },
    };
  });
});
