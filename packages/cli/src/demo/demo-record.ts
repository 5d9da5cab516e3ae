import { isSatwayError, SatwayError } from '@satway/base';
import { openPurchaseStore, type Purchase } from '@satway/client';
import type { DemoWorld } from './demo-world.js';

/** What the agent wrote down of its payment: whether money left its wallet, as far as that is known. */
export interface DemoRecord {
  /** `null` where the record cannot be read. */
  readonly paymentHashHex: string | null;
  readonly fundsMoved: 'yes' | 'unknown';
}

/** What the agent wrote down by the time of an error; `null` where it paid nothing. */
export function recordAt(error: unknown, world: Pick<DemoWorld, 'agent'>): DemoRecord | null {
  try {
    return readRecord(world);
  } catch (unreadable) {
    // A store that could not be opened for the purchase either: then there was none.
    if (isSatwayError(error) && isSatwayError(unreadable, error.code)) return null;
    return { paymentHashHex: null, fundsMoved: 'unknown' };
  }
}

function readRecord({ agent }: Pick<DemoWorld, 'agent'>): DemoRecord | null {
  const store = openPurchaseStore({ path: agent.storePath, keychain: agent.keychain });
  try {
    const purchase = store.journal.listByKey(agent.idempotencyKey).find(mayHavePaid);
    if (purchase === undefined) return null;
    const { paymentHashHex, state } = purchase;
    return { paymentHashHex, fundsMoved: state === 'sending' || state === 'unknown' ? 'unknown' : 'yes' };
  } finally {
    store.close();
  }
}

function mayHavePaid({ state }: Purchase): boolean {
  return state !== 'quoted' && state !== 'reserved' && state !== 'failed';
}

/** An error as it is after what was written down: what failed need not know that money had moved by then. */
export function withRecord(error: unknown, { paymentHashHex, fundsMoved }: DemoRecord): SatwayError {
  if (!isSatwayError(error))
    return new SatwayError('INTERNAL', { cause: error, fundsMoved, facts: { paymentHashHex } });
  const { code, detail, facts } = error;
  return new SatwayError(code, {
    cause: error,
    fundsMoved,
    facts: { ...facts, paymentHashHex },
    ...(detail === undefined ? {} : { detail }),
  });
}
