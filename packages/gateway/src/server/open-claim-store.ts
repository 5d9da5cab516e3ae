import { type ClaimStore, createMemoryClaimStore } from '@satway/gate/claim-store';
import { openPgliteClaimStore, openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import type { StoreConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';

/** Opens the configured store; says in the log what it cannot promise. @throws {SatwayError} as the store's own opener does. */
export async function openClaimStore(store: StoreConfig, logger: Logger): Promise<ClaimStore> {
  if (store.kind === 'postgres') return openPostgresClaimStore({ url: store.url });
  if (store.kind === 'pglite') {
    return openPgliteClaimStore({ folder: store.folder, warn: (message) => logger.warn({ store: 'pglite' }, message) });
  }
  logger.warn(
    { store: 'memory' },
    'payments are counted in memory alone: after a restart every credential that is still valid can be used again',
  );
  return createMemoryClaimStore();
}
