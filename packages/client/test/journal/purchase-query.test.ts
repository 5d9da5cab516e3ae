import { describe, expect, it } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { migrations } from '../../src/store/schema.js';
import { quoteOf, temporaryStorePath, valueOf } from '../temporary-store.js';
import { onTestFinished } from 'vitest';

const limits = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000 };
const payment = { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 100 };

/** A store on a clock that is set by hand. */
function storeAt(clock: { nowMs: number }, path = temporaryStorePath()): PurchaseStore {
  const store = openPurchaseStore({ path, nowMs: () => clock.nowMs });
  onTestFinished(() => store.close());
  store.budgets.registerCap('default', 10_000_000);
  return store;
}

function buy(store: PurchaseStore, number: number, changes: Parameters<typeof quoteOf>[1] = {}): string {
  const { purchaseId } = valueOf(store.journal.begin(quoteOf(number, changes), limits));
  store.journal.settle(purchaseId, payment);
  return purchaseId;
}

const numbers = (purchases: readonly { paymentHashHex: string }[]): number[] =>
  purchases.map(({ paymentHashHex }) => Number.parseInt(paymentHashHex.slice(-8), 16));

describe('a search in the journal', () => {
  it('gives pages, newest first, that together are everything once, also where several were begun in one moment', () => {
    const clock = { nowMs: 1000 };
    const store = storeAt(clock);
    for (let number = 1; number <= 9; number++) {
      clock.nowMs = 1000 + Math.floor(number / 3);
      store.journal.quote(quoteOf(number));
    }
    const seen: number[] = [];
    for (let after: ReturnType<typeof store.journal.search>[number] | undefined; ; ) {
      const page = store.journal.search({ limit: 2, ...(after === undefined ? {} : { after }) });
      seen.push(...numbers(page));
      after = page.at(-1);
      if (after === undefined) break;
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const times = numbers(store.journal.search({})).map((number) => Math.floor(number / 3));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('keeps to states, to the time of begin and to the time of payment', () => {
    const clock = { nowMs: 1000 };
    const store = storeAt(clock);
    const early = buy(store, 1);
    store.journal.quote(quoteOf(2));
    clock.nowMs = 2000;
    buy(store, 3);
    store.journal.startRedeeming(early);
    store.journal.finishRedeeming(early, 'charged');
    expect(numbers(store.journal.search({ states: ['quoted'] }))).toEqual([2]);
    expect(numbers(store.journal.search({ states: ['settled', 'redeemed'] }))).toEqual([3, 1]);
    expect(numbers(store.journal.search({ sinceMs: 1001 }))).toEqual([3]);
    expect(numbers(store.journal.search({ paidSinceMs: 0 }))).toEqual([3, 1]);
    // Redeeming it later is not paying it later.
    expect(store.journal.get(early)).toMatchObject({ paidAtMs: 1000, updatedAtMs: 2000 });
  });

  it.each([
    ['api.example', [3, 2, 1]],
    ['API.example', [3, 2, 1]],
    ['api.example:443', [1]],
    ['api.example:80', [2]],
    ['api.example:8080', [3]],
    ['api.exampl', []],
    ['_pi.example', []],
    ['[::1]', [5, 4]],
    ['[::1]:9000', [5]],
  ])('knows the host %s with every port, or with the one that is named', (host, found) => {
    const clock = { nowMs: 0 };
    const store = storeAt(clock);
    const origins = [
      'https://api.example',
      'http://api.example',
      'https://api.example:8080',
      'http://[::1]',
      'http://[::1]:9000',
      'https://api.example.evil',
    ];
    for (const [index, origin] of origins.entries()) {
      clock.nowMs = index;
      store.journal.quote(quoteOf(index + 1, { origin }));
    }
    expect(numbers(store.journal.search({ host }))).toEqual(found);
  });

  it('finds a payment by its hash or the beginning of it, and refuses what is no hash', () => {
    const store = storeAt({ nowMs: 0 });
    store.journal.quote(quoteOf(1, { paymentHashHex: `abcd${'0'.repeat(60)}` }));
    store.journal.quote(quoteOf(2, { paymentHashHex: `abcf${'f'.repeat(60)}` }));
    expect(store.journal.findByHash('ABCD')).toHaveLength(1);
    expect(store.journal.findByHash('abc')).toHaveLength(2);
    expect(store.journal.findByHash(`abcf${'f'.repeat(60)}`)).toHaveLength(1);
    expect(store.journal.findByHash('abce')).toEqual([]);
    expect(() => store.journal.findByHash('%')).toThrow(expect.objectContaining({ code: 'CALL_INVALID' }));
  });
});

describe('what is paid and not used up', () => {
  it('counts the due answer and the uses that are left, and nothing that is over', () => {
    const store = storeAt({ nowMs: 1000 });
    const due = buy(store, 1);
    const several = buy(store, 2, { usesTotal: 5 });
    const unsaid = buy(store, 3, { usesTotal: null, credentialExpiresAtMs: null });
    const usedUp = buy(store, 4);
    const refused = buy(store, 5);
    store.journal.handOver(buy(store, 8, { usesTotal: 5 }));
    buy(store, 6, { credentialExpiresAtMs: 2000 });
    store.journal.quote(quoteOf(7));
    for (const purchaseId of [several, usedUp]) store.journal.finishRedeeming(purchaseId, 'charged');
    store.credentials.quarantine(refused, 1000);
    const left = store.journal.listUnused(2000);
    expect(left.map(({ purchase, answerDue, usesLeft }) => [purchase.purchaseId, answerDue, usesLeft])).toEqual(
      expect.arrayContaining([
        [due, true, 1],
        [several, false, 4],
        [unsaid, true, null],
      ]),
    );
    expect(left).toHaveLength(3);
  });
});

describe('a journal of an earlier version', () => {
  it('gets the times of its payments from its ledger', () => {
    const path = temporaryStorePath();
    const clock = { nowMs: 1000 };
    const first = openPurchaseStore({ path, nowMs: () => clock.nowMs });
    first.budgets.registerCap('default', 10_000_000);
    const purchaseId = buy(first, 1);
    first.close();
    const step = migrations.findIndex((text) => text.includes('paid_at_ms'));
    const database = openDatabase(path);
    const [, more = ''] = /(UPDATE purchases SET paid_at_ms[^;]+;)/.exec(migrations[step] ?? '') ?? [];
    database.run('UPDATE purchases SET paid_at_ms = NULL, updated_at_ms = 5000');
    expect(database.run(more)).toBe(1);
    database.close();
    expect(storeAt(clock, path).journal.get(purchaseId)).toMatchObject({ paidAtMs: 1000 });
  });
});

describe('the sum of one hour of a host', () => {
  it('is read from an index that holds all that it needs', () => {
    const path = temporaryStorePath();
    storeAt({ nowMs: 0 }, path);
    const database = openDatabase(path);
    const plan = database.all(
      'EXPLAIN QUERY PLAN SELECT COALESCE(SUM(amount_msat + COALESCE(fee_msat, 0)), 0) AS spent FROM purchases WHERE origin = ? AND paid_at_ms > ?',
      'https://api.example',
      0,
    );
    expect(plan.map((row) => row['detail'])).toEqual([
      'SEARCH purchases USING COVERING INDEX purchases_paid (origin=? AND paid_at_ms>?)',
    ]);
    database.close();
  });
});

describe('the sum of one session', () => {
  it('is read from an index of its own, which holds all that it needs', () => {
    const path = temporaryStorePath();
    storeAt({ nowMs: 0 }, path);
    const database = openDatabase(path);
    const plan = database.all(
      `EXPLAIN QUERY PLAN SELECT COALESCE(SUM(CASE WHEN closed IS NULL THEN reserved_msat ELSE spent_msat END), 0) AS used FROM ledger
       WHERE budget_id = ? AND (closed_at_ms IS NULL OR closed_at_ms > ?) AND session_id = ?`,
      'default',
      0,
      'me',
    );
    expect(plan.map((row) => row['detail'])).toEqual([
      'SEARCH ledger USING COVERING INDEX ledger_of_session (budget_id=? AND session_id=?)',
    ]);
    database.close();
  });
});
