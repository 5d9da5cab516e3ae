import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore, type PurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusePurchased } from '../../src/wallet/refuse-purchased.js';
import { quotePurchase } from '../quoted-purchase.js';

const HASH = 'ab'.repeat(32);
const reused = (fundsMoved: 'yes' | 'unknown') =>
  expect.objectContaining({ code: 'PAYMENT_HASH_REUSED', fundsMoved }) as Error;
let path = '';
let store: PurchaseStore;
let purchaseId = '';
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'satway-purchased-')), 'purchases.db');
  store = openPurchaseStore({ path });
  purchaseId = quotePurchase(store, HASH);
});
afterEach(() => {
  store.close();
  rmSync(join(path, '..'), { recursive: true, force: true });
});

function send(): void {
  store.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  store.journal.startSending(purchaseId);
}

describe('an invoice that stands under a purchase', () => {
  it('is not paid by hand from the moment on at which it is written down', () => {
    expect(() => refusePurchased([path], HASH)).toThrow(reused('unknown'));
    send();
    expect(() => refusePurchased([path], HASH)).toThrow(reused('unknown'));
    store.journal.settle(purchaseId, { preimageHex: '11'.repeat(32), amountMsat: 5000, feeMsat: 0 });
    expect(() => refusePurchased([path], HASH)).toThrow(reused('yes'));
    expect(() => refusePurchased([path], 'cd'.repeat(32))).not.toThrow();
  });

  it('is not free again where only a person said that its payment failed', () => {
    send();
    store.journal.markUnknown(purchaseId, { seenInFlight: true });
    store.journal.release(purchaseId, 'me, today: the node was deleted');
    expect(() => refusePurchased([path], HASH)).toThrow(reused('unknown'));
  });

  it('is free again once its payment failed for certain', () => {
    send();
    store.journal.fail(purchaseId, 'no route');
    expect(() => refusePurchased([path], HASH)).not.toThrow();
  });

  it('is not looked for where nothing was ever bought, and no store is made', () => {
    const none = join(path, '..', 'none.db');
    refusePurchased([none], HASH);
    expect(existsSync(none)).toBe(false);
  });
});
