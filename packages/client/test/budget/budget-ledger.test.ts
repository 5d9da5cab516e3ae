import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const generous = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000 };

function quoted(store: PurchaseStore, number: number, amountMsat = 5000, budgetId = 'default'): string {
  return valueOf(store.journal.quote(quoteOf(number, { amountMsat, budgetId })));
}

function reserved(store: PurchaseStore, number: number, amountMsat = 5000): string {
  const purchaseId = quoted(store, number, amountMsat);
  expect(store.journal.reserve(purchaseId, generous)).toMatchObject({ ok: true });
  return purchaseId;
}

function settled(store: PurchaseStore, number: number, feeMsat: number, amountMsat = 5000): string {
  const purchaseId = reserved(store, number, amountMsat);
  store.journal.startSending(purchaseId);
  store.journal.settle(purchaseId, { preimageHex: '0'.repeat(64), amountMsat, feeMsat });
  return purchaseId;
}

describe('a budget', () => {
  it('reserves amount and fee ceiling, and books what was really spent', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 100_000);
    reserved(store, 1);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
    settled(store, 2, 200);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 5200, frozenReason: null });
  });

  it('gives the whole reservation back when the payment failed', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 6000);
    store.journal.fail(reserved(store, 1), 'no route');
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
    reserved(store, 2);
  });

  it('keeps the reservation of an unknown payment', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 6000);
    const purchaseId = reserved(store, 1);
    store.journal.startSending(purchaseId);
    store.journal.markUnknown(purchaseId, { seenInFlight: false });
    expect(store.journal.reserve(quoted(store, 2, 1000), generous)).toEqual({ ok: false, code: 'BUDGET_EXHAUSTED' });
  });

  it('shrinks the fee to what the budget leaves', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 5300);
    expect(store.journal.reserve(quoted(store, 1), generous)).toEqual({ ok: true, value: { feeCeilingMsat: 300 } });
  });

  it('shrinks the fee to what one request may cost', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 100_000);
    const limits = { feeCeilingMsat: 1000, maxTotalMsat: 5001 };
    expect(store.journal.reserve(quoted(store, 1), limits)).toEqual({ ok: true, value: { feeCeilingMsat: 1 } });
  });

  it('refuses a price above what one request may cost, and ends that purchase', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 100_000);
    const purchaseId = quoted(store, 1);
    expect(store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 4999 })).toEqual({
      ok: false,
      code: 'PRICE_ABOVE_LIMIT',
    });
    expect(store.journal.get(purchaseId)).toMatchObject({ state: 'failed', failure: 'PRICE_ABOVE_LIMIT' });
  });

  it('pays nothing under a cap of 0, and nothing where nobody registered a cap', () => {
    const store = temporaryStore();
    const capId = store.budgets.registerCap('default', 0);
    expect(store.journal.reserve(quoted(store, 1, 1), generous)).toEqual({ ok: false, code: 'BUDGET_EXHAUSTED' });
    store.budgets.dropCap(capId);
    expect(store.journal.reserve(quoted(store, 2, 1), generous)).toEqual({ ok: false, code: 'BUDGET_EXHAUSTED' });
  });

  it('is bound by the lowest cap among living owners', () => {
    const path = temporaryStorePath();
    const store = temporaryStore(path);
    const other = openPurchaseStore({ path });
    store.budgets.registerCap('default', 100_000);
    other.budgets.registerCap('default', 5999);
    expect(store.journal.reserve(quoted(store, 1), generous)).toMatchObject({ value: { feeCeilingMsat: 999 } });
    expect(store.journal.reserve(quoted(store, 2), generous)).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    other.close();
    expect(store.journal.reserve(quoted(store, 3), generous)).toMatchObject({ ok: true });
  });

  it('is not bound by the cap of a process that died without taking it back', () => {
    const path = temporaryStorePath();
    const store = temporaryStore(path);
    store.budgets.registerCap('default', 100_000);
    const database = openDatabase(path);
    database.run(`INSERT INTO owners VALUES ('a-dead-one', 0)`);
    database.run(`INSERT INTO budget_caps VALUES ('cap', 'default', 'a-dead-one', 1)`);
    expect(store.journal.reserve(quoted(store, 1), generous)).toMatchObject({ ok: true });
    database.close();
  });

  it('freezes when a payment cost more than was reserved, until a person unfreezes it', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 100_000);
    settled(store, 1, 1001);
    expect(store.budgets.state('default')).toMatchObject({ spentMsat: 6001, reservedMsat: 0, frozenReason: 'overrun' });
    expect(store.journal.reserve(quoted(store, 2), generous)).toEqual({ ok: false, code: 'BUDGET_FROZEN' });
    store.budgets.unfreeze('default');
    expect(store.journal.reserve(quoted(store, 3), generous)).toMatchObject({ ok: true });
  });

  it('counts a reservation in every budget above, and is refused when the one above has no room', () => {
    const path = temporaryStorePath();
    const store = temporaryStore(path);
    store.budgets.registerCap('default', 8000);
    store.budgets.registerCap('child', 100_000);
    const database = openDatabase(path);
    database.run(`UPDATE budgets SET parent_id = 'default' WHERE budget_id = 'child'`);
    expect(store.journal.reserve(quoted(store, 1, 5000, 'child'), generous)).toMatchObject({ ok: true });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000 });
    expect(store.journal.reserve(quoted(store, 2, 5000, 'child'), generous)).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
    });
    const rows = database.all('SELECT entry_id, budget_id, parent_id FROM ledger ORDER BY entry_id');
    expect(rows).toMatchObject([
      { budget_id: 'default', parent_id: null },
      { budget_id: 'child', parent_id: rows[0]?.['entry_id'] },
    ]);
    database.close();
  });

  it('books a written-off unknown payment as spent', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 100_000);
    const purchaseId = reserved(store, 1);
    store.journal.startSending(purchaseId);
    store.journal.markUnknown(purchaseId, { seenInFlight: true });
    store.journal.writeOff(purchaseId, 'somebody');
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 6000 });
    expect(store.journal.quote(quoteOf(1, { idempotencyKey: 'again' }))).toEqual({
      ok: false,
      code: 'PAYMENT_HASH_REUSED',
      fundsMoved: 'unknown',
    });
  });

  it('never passes its cap, and its totals are the sums of its rows, whatever happens to purchases', () => {
    const step = fc.record({
      amountMsat: fc.integer({ min: 1, max: 9000 }),
      feeMsat: fc.integer({ min: 0, max: 1000 }),
      end: fc.constantFrom('settle', 'fail', 'unknown', 'stay'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 0, max: 30_000 }), (steps, capMsat) => {
        const store = temporaryStore();
        store.budgets.registerCap('default', capMsat);
        for (const [number, { amountMsat, feeMsat, end }] of steps.entries()) {
          const purchaseId = quoted(store, number, amountMsat);
          const result = store.journal.reserve(purchaseId, generous);
          if (!result.ok) continue;
          store.journal.startSending(purchaseId);
          const actualFeeMsat = Math.min(feeMsat, result.value.feeCeilingMsat);
          if (end === 'settle')
            store.journal.settle(purchaseId, { preimageHex: '0'.repeat(64), amountMsat, feeMsat: actualFeeMsat });
          if (end === 'fail') store.journal.fail(purchaseId, 'no route');
          if (end === 'unknown') store.journal.markUnknown(purchaseId, { seenInFlight: false });
        }
        const { reservedMsat, spentMsat } = store.budgets.state('default');
        expect(reservedMsat + spentMsat).toBeLessThanOrEqual(capMsat);
        const database = openDatabase(store.path);
        const sums = database.get(
          'SELECT COALESCE(SUM(CASE WHEN closed IS NULL THEN reserved_msat END), 0) AS open, COALESCE(SUM(spent_msat), 0) AS spent FROM ledger',
        );
        expect([Number(sums?.['open']), Number(sums?.['spent'])]).toEqual([reservedMsat, spentMsat]);
        database.close();
      }),
      { numRuns: 25 },
    );
  });
});
