export {
  assertPowerLossAccepted,
  attachPgliteClaimStore,
  openPgliteClaimStore,
  type PgliteClaimStoreOptions,
  POWER_LOSS_WARNING,
} from './pglite-claim-store.js';
export { migratePostgres, openPostgresClaimStore, type PostgresClaimStoreOptions } from './postgres-claim-store.js';
export type { SqlClaimStoreOptions } from './sql-claim-store.js';
