import { describe, expect, it, onTestFinished } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import type { Quote } from '../../src/journal/index.js';
import { quoteOf, temporaryStorePath, valueOf } from '../temporary-store.js';

const HOUR_MS = 3_600_000;
/** Not the beginning of an hour. */
const NOW_MS = 500_000 * HOUR_MS + 1_234_567;
const clock = { nowMs: NOW_MS };
let number = 0;

function newStore(path = temporaryStorePath()): PurchaseStore {
  clock.nowMs = NOW_MS;
  const store = openPurchaseStore({ path, nowMs: () => clock.nowMs });
  onTestFinished(() => store.close());
  store.budgets.registerCap('default', 1_000_000_000);
  return store;
}

/** Pays so much at a time, fee of 1 sat included. */
function pay(store: PurchaseStore, atMs: number, totalMsat: number, changes: Partial<Quote> = {}) {
  clock.nowMs = atMs;
  number += 1;
  const quote = quoteOf(number, { amountMsat: totalMsat - 1000, ...changes });
  const { purchaseId } = valueOf(store.journal.begin(quote, { feeCeilingMsat: 1000, maxTotalMsat: 1e9 }));
  store.journal.settle(purchaseId, { preimageHex: 'ab'.repeat(32), amountMsat: totalMsat - 1000, feeMsat: 1000 });
  const purchase = store.journal.get(purchaseId);
  if (purchase === null) throw new Error('gone');
  return purchase;
}

const ORIGIN = 'https://api.example';

describe('the spending history', () => {
  it('knows the first payment to a host, also of two in one moment', () => {
    const store = newStore();
    const [first, second] = [pay(store, NOW_MS, 5000), pay(store, NOW_MS, 5000)];
    const elsewhere = pay(store, NOW_MS, 5000, { origin: 'https://other.example' });
    store.journal.quote(quoteOf(100_000, { origin: 'https://third.example' }));
    const third = pay(store, NOW_MS + 1, 5000, { origin: 'https://third.example' });
    expect([first, second].filter((purchase) => store.history.isFirstOfHost(purchase))).toHaveLength(1);
    expect(store.history.isFirstOfHost(elsewhere)).toBe(true);
    expect(store.history.isFirstOfHost(third)).toBe(true);
  });

  it('compares prices of the same thing for one use, with the payment before', () => {
    const store = newStore();
    const first = pay(store, NOW_MS, 6000);
    expect(store.history.prices(first)).toBeNull();
    pay(store, NOW_MS + 1, 91_000, { scope: 'endpoint:acme/other' });
    const second = pay(store, NOW_MS + 2, 41_000, { usesTotal: 4 });
    expect(store.history.prices(second)).toEqual({ previousMsat: 5000, nowMsat: 10_000 });
    const third = pay(store, NOW_MS + 3, 6000);
    expect(store.history.prices(third)).toEqual({ previousMsat: 10_000, nowMsat: 5000 });
    // A payment that is looked at late is compared with the one before it, not behind it.
    expect(store.history.prices(second)).toEqual({ previousMsat: 5000, nowMsat: 10_000 });
  });

  it('adds whole hours up once, and finds the busiest before the last sixty minutes', () => {
    const path = temporaryStorePath();
    const store = newStore(path);
    const hoursAgo = (hours: number) => NOW_MS - hours * HOUR_MS;
    pay(store, hoursAgo(24 * 31), 900_000);
    for (const [hours, msat] of [
      [50, 10_000],
      [50, 20_000],
      [26, 25_000],
      [3, 7000],
      [0.9, 40_000],
      [0.1, 2000],
    ] as const)
      pay(store, hoursAgo(hours), msat);
    pay(store, hoursAgo(50), 999_000, { origin: 'https://other.example' });
    const expected = { lastHourMsat: 42_000, busiestHourMsat: 30_000, activeHours: 3 };
    expect(store.history.spendingOf(ORIGIN, NOW_MS)).toEqual(expected);
    expect(store.history.spendingOf(ORIGIN, NOW_MS)).toEqual(expected);
    expect(store.history.lastHour(ORIGIN, NOW_MS)).toBe(42_000);
    pay(store, NOW_MS + 1000, 5000);
    const later = NOW_MS + 3 * HOUR_MS;
    const other = openPurchaseStore({ path, nowMs: () => later });
    expect(other.history.spendingOf(ORIGIN, later)).toMatchObject({
      lastHourMsat: 0,
      busiestHourMsat: 40_000,
      activeHours: 5,
    });
    other.close();
  });

  it('lets one of several processes give an alarm, and the same again after its time or when the cause was gone', () => {
    const path = temporaryStorePath();
    const [one, two] = [newStore(path), newStore(path)];
    const claims = (nowMs: number, quietMs: number | null) =>
      [one, two].map(({ history }) => history.claimAlarm('kind', 'subject', nowMs, quietMs));
    expect(claims(1000, 500)).toEqual([true, false]);
    expect(claims(1499, 500)).toEqual([false, false]);
    expect(claims(1500, 500)).toEqual([true, false]);
    expect(claims(9e9, null)).toEqual([false, false]);
    expect(two.history.claimAlarm('kind', 'another', 9e9, null)).toBe(true);
    two.history.clearAlarms('subject');
    expect(claims(9e9, null)).toEqual([true, false]);
  });
});
