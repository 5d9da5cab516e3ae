import { PGlite } from '@electric-sql/pglite';
import { attachPgliteClaimStore } from '@satway/gate/claim-store/sql';
import { describe } from 'vitest';
import { claimStoreConformance } from './conformance.js';
import { letSqlTimePass } from './sql-time.js';

describe('the claim store on PGlite', { timeout: 120_000 }, () => {
  claimStoreConformance(async () => {
    const database = await PGlite.create();
    const store = await attachPgliteClaimStore(database);
    return {
      store,
      nowMs: Date.now,
      letTimePass: async (ms) => {
        await database.exec(`RESET ROLE; ${letSqlTimePass(ms)}; SET ROLE satway_app`);
      },
      stop: async () => {
        await store.close();
        await database.close();
      },
    };
  });
});
