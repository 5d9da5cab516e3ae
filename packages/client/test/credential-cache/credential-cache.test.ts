import { describe, expect, it } from 'vitest';
import type { PurchaseStore, Quote } from '../../src/index.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const limits = { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 };
const key = { walletId: 'wallet-a', origin: 'https://api.example', scope: 'endpoint:acme/item' };
const NOW_MS = 1_800_000_000_000;

function bought(store: PurchaseStore, number: number, changes: Partial<Quote> = {}): string {
  store.budgets.registerCap('default', 1_000_000);
  const purchaseId = valueOf(store.journal.quote(quoteOf(number, changes)));
  store.journal.reserve(purchaseId, limits);
  store.journal.startSending(purchaseId);
  store.journal.settle(purchaseId, { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 0 });
  return purchaseId;
}

describe('the credential cache', () => {
  it('keeps the first use for the purchase itself and gives out the others once each', () => {
    const store = temporaryStore();
    const purchaseId = bought(store, 1, { usesTotal: 3 });
    expect(store.credentials.takeUse(key, NOW_MS)).toMatchObject({
      purchaseId,
      macaroonText: 'macaroon-1',
      preimageHex: 'ab'.repeat(32),
    });
    expect(store.credentials.takeUse(key, NOW_MS)).toMatchObject({ purchaseId });
    expect(store.credentials.takeUse(key, NOW_MS)).toBeNull();
    store.credentials.giveBackUse(purchaseId);
    expect(store.credentials.takeUse(key, NOW_MS)).toMatchObject({ purchaseId });
  });

  it('never gives out the same use to two stores', () => {
    const path = temporaryStorePath();
    const store = temporaryStore(path);
    const other = temporaryStore(path);
    bought(store, 1, { usesTotal: 4 });
    const taken = Array.from({ length: 6 }, (_, index) =>
      (index % 2 === 0 ? store : other).credentials.takeUse(key, NOW_MS),
    );
    expect(taken.filter((credential) => credential !== null)).toHaveLength(3);
  });

  it.each([
    ['wallet', { walletId: 'wallet-b' }],
    ['origin', { origin: 'https://api.example:8443' }],
    ['scheme', { origin: 'http://api.example' }],
    ['scope', { scope: 'endpoint:acme/other' }],
    ['name of a built-in', { origin: '__proto__', scope: '__proto__' }],
  ])('gives nothing to another %s', (_, change) => {
    const store = temporaryStore();
    bought(store, 1, { usesTotal: 3 });
    expect(store.credentials.takeUse({ ...key, ...change }, NOW_MS)).toBeNull();
  });

  it('gives out nothing that has expired, and the one that expires first before the others', () => {
    const store = temporaryStore();
    bought(store, 1, { usesTotal: 9, credentialExpiresAtMs: NOW_MS });
    bought(store, 2, { usesTotal: 9, credentialExpiresAtMs: null });
    const soon = bought(store, 3, { usesTotal: 9, credentialExpiresAtMs: NOW_MS + 1 });
    expect(store.credentials.takeUse(key, NOW_MS)).toMatchObject({ purchaseId: soon });
  });

  it('gives a credential that does not count its uses again and again, until it is dropped', () => {
    const store = temporaryStore();
    const purchaseId = bought(store, 1, { usesTotal: null, credentialExpiresAtMs: null });
    for (let count = 0; count < 5; count++)
      expect(store.credentials.takeUse(key, NOW_MS)).toMatchObject({ purchaseId });
    store.credentials.drop(purchaseId);
    expect(store.credentials.takeUse(key, NOW_MS)).toBeNull();
  });

  it('keeps a quarantined credential as evidence and buys nothing more from its host until a person lifts the stop', () => {
    const store = temporaryStore();
    const purchaseId = bought(store, 1, { usesTotal: 3 });
    store.credentials.quarantine(purchaseId, NOW_MS);
    expect(store.credentials.takeUse(key, NOW_MS)).toBeNull();
    expect(store.credentials.ofPurchase(purchaseId)).toMatchObject({ preimageHex: 'ab'.repeat(32) });
    expect(store.journal.quote(quoteOf(2))).toEqual({ ok: false, code: 'SELLER_STOPPED' });
    expect(store.journal.quote(quoteOf(3, { origin: 'https://other.example' }))).toMatchObject({ ok: true });
    store.credentials.liftStop('https://api.example');
    expect(store.journal.quote(quoteOf(2))).toMatchObject({ ok: true });
  });

  it('has no credential for a purchase before it is paid', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 1);
    const purchaseId = valueOf(store.journal.quote(quoteOf(2)));
    expect(store.credentials.ofPurchase(purchaseId)).toBeNull();
  });
});
