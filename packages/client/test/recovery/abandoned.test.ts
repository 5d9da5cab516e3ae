import { describe, expect, it } from 'vitest';
import { openPurchaseStore, releaseAbandoned } from '../../src/index.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const limits = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000 };

describe('what a program set aside that died before it sent anything', () => {
  it('is given back, of every wallet; what is in living hands, was sent or is paid stays', () => {
    const path = temporaryStorePath();
    const dead = openPurchaseStore({ path });
    dead.budgets.registerCap('default', 1_000_000);
    const quoted = valueOf(dead.journal.quote(quoteOf(1)));
    const reserved = valueOf(dead.journal.quote(quoteOf(2, { walletId: 'wallet-b' })));
    dead.journal.reserve(reserved, limits);
    const { purchaseId: sent } = valueOf(dead.journal.begin(quoteOf(3), limits));
    dead.close();
    const living = temporaryStore(path);
    living.budgets.registerCap('default', 1_000_000);
    const waiting = valueOf(living.journal.quote(quoteOf(4)));
    const other = temporaryStore(path);
    expect(releaseAbandoned(other)).toBe(2);
    const stateOf = (purchaseId: string) => other.journal.get(purchaseId)?.state;
    expect([quoted, reserved, sent, waiting].map(stateOf)).toEqual(['failed', 'failed', 'sending', 'quoted']);
    expect(other.budgets.state('default')).toMatchObject({ reservedMsat: 6000 });
    expect(releaseAbandoned(other)).toBe(0);
    expect(living.journal.reserve(waiting, limits)).toMatchObject({ ok: true });
  });
});
