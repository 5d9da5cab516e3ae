import type { ClaimStore } from '@satway/gate';
import type { Logger } from '../logs/index.js';

const PRUNE_EVERY_MS = 60_000;

/** Lets the store delete what can no longer matter, once a minute; returns how to stop. */
export function startPruning(claimStore: ClaimStore, logger: Logger): () => void {
  const timer = setInterval(() => {
    claimStore.prune().catch((error: unknown) => logger.warn({ error }, 'the store could not be pruned'));
  }, PRUNE_EVERY_MS).unref();
  return () => clearInterval(timer);
}
