import { describe, expect, it } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const limits = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000 };
const payment = { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 100 };

function storeWithBudget(path = temporaryStorePath()): PurchaseStore {
  const store = temporaryStore(path);
  store.budgets.registerCap('default', 100_000);
  return store;
}

function quoted(store: PurchaseStore, number = 1): string {
  return valueOf(store.journal.quote(quoteOf(number)));
}

function sending(store: PurchaseStore, number = 1): string {
  const purchaseId = quoted(store, number);
  store.journal.reserve(purchaseId, limits);
  store.journal.startSending(purchaseId);
  return purchaseId;
}

const conflict = expect.objectContaining({ code: 'PURCHASE_STATE_CONFLICT' });

describe('the purchase journal', () => {
  it('takes a purchase from quote to redemption, each state visible to another connection at once', () => {
    const store = storeWithBudget();
    const other = openDatabase(store.path);
    const stateSeen = () => other.get('SELECT state FROM purchases')?.['state'];
    const purchaseId = quoted(store);
    expect(stateSeen()).toBe('quoted');
    store.journal.reserve(purchaseId, limits);
    expect(stateSeen()).toBe('reserved');
    expect(store.journal.startSending(purchaseId)).toBe(0);
    expect(stateSeen()).toBe('sending');
    store.journal.settle(purchaseId, payment);
    expect(stateSeen()).toBe('settled');
    store.journal.startRedeeming(purchaseId);
    expect(stateSeen()).toBe('redeeming');
    store.journal.finishRedeeming(purchaseId, 'charged');
    expect(stateSeen()).toBe('redeemed');
    expect(store.journal.get(purchaseId)).toMatchObject({ ownerId: null, outcome: 'charged', feeMsat: 100 });
    other.close();
  });

  it('begins a purchase in one step: quoted, reserved and about to be sent', () => {
    const store = storeWithBudget();
    const begun = valueOf(store.journal.begin(quoteOf(1), limits));
    expect(begun).toMatchObject({ feeCeilingMsat: 1000, sentBefore: 0 });
    expect(store.journal.get(begun.purchaseId)).toMatchObject({ state: 'sending', sendCount: 1, feeCeilingMsat: 1000 });
    expect(store.budgets.state('default').reservedMsat).toBe(6000);
  });

  it('begins nothing that the budget does not allow, and says that the purchase failed', () => {
    const store = temporaryStore();
    store.budgets.registerCap('default', 4999);
    expect(store.journal.begin(quoteOf(1), limits)).toEqual({ ok: false, code: 'BUDGET_EXHAUSTED' });
    expect(store.journal.list()).toMatchObject([{ state: 'failed', sendCount: 0 }]);
    expect(store.budgets.state('default').reservedMsat).toBe(0);
  });

  it('begins nothing twice with one hash or one key', () => {
    const store = storeWithBudget();
    valueOf(store.journal.begin(quoteOf(1), limits));
    expect(store.journal.begin(quoteOf(1), limits)).toEqual(hashReused('unknown'));
    const sameKey = { ...quoteOf(2), idempotencyKey: quoteOf(1).idempotencyKey };
    expect(store.journal.begin(sameKey, limits)).toEqual({ ok: false, code: 'PURCHASE_UNDER_WAY' });
    expect(store.budgets.state('default').reservedMsat).toBe(6000);
  });

  it('begins a purchase for which there is room once the cap of a dead process is gone', () => {
    const path = temporaryStorePath();
    const dead = openPurchaseStore({ path });
    dead.budgets.registerCap('default', 1);
    dead.close();
    expect(storeWithBudget(path).journal.begin(quoteOf(1), limits)).toMatchObject({ ok: true });
  });

  it('remembers what a place was sold as once it is paid, where one payment buys several calls', () => {
    const store = storeWithBudget();
    const quote = { ...quoteOf(1), targetMethod: 'GET', targetUrl: 'https://api.example/a?b=c', scope: 'endpoint:a' };
    const thing = { method: 'GET', url: 'https://api.example/a', bodySha256Hex: quote.bodySha256Hex };
    const scopes = () => store.credentials.scopesFor(quote.origin, thing);
    const { purchaseId } = valueOf(store.journal.begin({ ...quote, usesTotal: 10 }, limits));
    expect(scopes()).toEqual([]);
    store.journal.settle(purchaseId, payment);
    expect(scopes()).toEqual(['endpoint:a']);
  });

  it('does not remember it where a payment buys one call', () => {
    const store = storeWithBudget();
    const quote = { ...quoteOf(1), targetUrl: 'https://api.example/a', usesTotal: 1 };
    store.journal.settle(valueOf(store.journal.begin(quote, limits)).purchaseId, payment);
    const thing = { method: quote.targetMethod, url: quote.targetUrl, bodySha256Hex: quote.bodySha256Hex };
    expect(store.credentials.scopesFor(quote.origin, thing)).toEqual([]);
  });

  it('never sends again what the wallet once had in flight', () => {
    const store = storeWithBudget();
    const again = { budgetId: 'default', maxTotalMsat: 1_000_000, budgetLimits: [] };
    const [lost, seen] = [sending(store, 1), sending(store, 2)];
    store.journal.markUnknown(lost, { seenInFlight: false });
    store.journal.markUnknown(seen, { seenInFlight: true });
    expect(() => store.journal.startSendingAgain(seen, again)).toThrow(conflict);
    expect(store.journal.startSendingAgain(lost, again)).toEqual({ ok: true, value: 1 });
  });

  it('refuses a step that its state does not allow', () => {
    const store = storeWithBudget();
    const purchaseId = quoted(store);
    expect(() => store.journal.startSending(purchaseId)).toThrow(conflict);
    expect(() => store.journal.settle(purchaseId, payment)).toThrow(conflict);
    expect(() => store.journal.startRedeeming(purchaseId)).toThrow(conflict);
    store.journal.fail(purchaseId, 'enough');
    expect(() => store.journal.fail(purchaseId, 'again')).toThrow(conflict);
  });

  it('never fails or sends again what is settled', () => {
    const store = storeWithBudget();
    const purchaseId = sending(store);
    store.journal.settle(purchaseId, payment);
    expect(() => store.journal.fail(purchaseId, 'changed my mind')).toThrow(conflict);
    expect(() => store.journal.startSending(purchaseId)).toThrow(conflict);
    expect(() => store.journal.settle(purchaseId, payment)).toThrow(conflict);
    expect(store.budgets.state('default').spentMsat).toBe(5100);
  });

  it('lets nobody touch what a living owner has in hand', () => {
    const path = temporaryStorePath();
    const purchaseId = sending(storeWithBudget(path));
    const other = temporaryStore(path);
    expect(other.journal.adopt(purchaseId)).toBe(false);
    expect(() => other.journal.settle(purchaseId, payment)).toThrow(conflict);
    expect(() => other.journal.fail(purchaseId, 'not mine')).toThrow(conflict);
  });

  it('lets one other take over what an owner left, and only one', () => {
    const path = temporaryStorePath();
    const dead = openPurchaseStore({ path });
    dead.budgets.registerCap('default', 100_000);
    const purchaseId = sending(dead);
    dead.close();
    const first = temporaryStore(path);
    const second = temporaryStore(path);
    expect(first.journal.adopt(purchaseId)).toBe(true);
    expect(second.journal.adopt(purchaseId)).toBe(false);
    first.journal.park(purchaseId);
    expect(second.journal.adopt(purchaseId)).toBe(true);
  });

  it('counts how often an invoice was handed to the wallet', () => {
    const store = storeWithBudget();
    const purchaseId = sending(store);
    store.journal.markUnknown(purchaseId, { seenInFlight: false });
    expect(store.journal.startSending(purchaseId)).toBe(1);
    expect(store.journal.get(purchaseId)?.sendCount).toBe(2);
  });

  it('remembers that a payment was once seen in flight', () => {
    const store = storeWithBudget();
    const purchaseId = sending(store);
    store.journal.markUnknown(purchaseId, { seenInFlight: true });
    store.journal.markUnknown(purchaseId, { seenInFlight: false });
    expect(store.journal.get(purchaseId)?.seenInFlight).toBe(true);
  });
});

/** Refused, with what is known of the money of the other purchase. */
const hashReused = (fundsMoved: string) => ({ ok: false, code: 'PAYMENT_HASH_REUSED', fundsMoved });

describe('one payment hash', () => {
  it('is refused under another purchase and under another origin', () => {
    const store = storeWithBudget();
    const { paymentHashHex } = quoteOf(1);
    store.journal.settle(sending(store, 1), payment);
    expect(store.journal.quote(quoteOf(2, { paymentHashHex }))).toEqual(hashReused('yes'));
    expect(store.journal.quote(quoteOf(3, { paymentHashHex, origin: 'https://evil.example' }))).toEqual(
      hashReused('yes'),
    );
  });

  it('may be quoted again for the same thing after its payment failed for good', () => {
    const store = storeWithBudget();
    const purchaseId = sending(store, 1);
    store.journal.fail(purchaseId, 'no route');
    const again = store.journal.quote(quoteOf(1, { idempotencyKey: 'another' }));
    expect(again).toEqual({ ok: true, value: purchaseId });
    store.journal.reserve(purchaseId, limits);
    expect(store.journal.startSending(purchaseId)).toBe(1);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another wallet', { walletId: 'wallet-b' }],
    ['another URL', { url: 'https://api.example/other' }],
    ['another body', { bodySha256Hex: 'f'.repeat(64) }],
    ['another method', { method: 'POST' }],
  ])('is refused after a failure for %s', (_, change) => {
    const store = storeWithBudget();
    store.journal.fail(sending(store, 1), 'no route');
    expect(store.journal.quote(quoteOf(1, { ...change, idempotencyKey: 'another' }))).toEqual(hashReused('no'));
  });

  it('is refused while its payment is unknown', () => {
    const store = storeWithBudget();
    store.journal.markUnknown(sending(store, 1), { seenInFlight: false });
    expect(store.journal.quote(quoteOf(1, { idempotencyKey: 'another' }))).toEqual(hashReused('unknown'));
  });
});

describe('one Idempotency-Key', () => {
  it('has one purchase at a time', () => {
    const store = storeWithBudget();
    quoted(store, 1);
    const second = quoteOf(2, { idempotencyKey: quoteOf(1).idempotencyKey });
    expect(store.journal.quote(second)).toEqual({ ok: false, code: 'PURCHASE_UNDER_WAY' });
  });

  it('is free again after a purchase that cost nothing', () => {
    const store = storeWithBudget();
    store.journal.fail(quoted(store, 1), 'expired');
    expect(store.journal.quote(quoteOf(2, { idempotencyKey: quoteOf(1).idempotencyKey }))).toMatchObject({ ok: true });
  });

  it('of one wallet is not that of another', () => {
    const store = storeWithBudget();
    quoted(store, 1);
    const other = quoteOf(2, { idempotencyKey: quoteOf(1).idempotencyKey, walletId: 'wallet-b' });
    expect(store.journal.quote(other)).toMatchObject({ ok: true });
    expect(store.journal.findByKey('wallet-b', quoteOf(1).idempotencyKey)?.paymentHashHex).toBe(other.paymentHashHex);
  });

  it('lists what stands under it, of every wallet, failed or not', () => {
    const store = storeWithBudget();
    const { idempotencyKey } = quoteOf(1);
    store.journal.fail(quoted(store, 1), 'expired');
    valueOf(store.journal.quote(quoteOf(2, { idempotencyKey, walletId: 'wallet-b' })));
    quoted(store, 3);
    const found = store.journal.listByKey(idempotencyKey).map(({ walletId, state }) => `${walletId} ${state}`);
    expect(found.toSorted()).toEqual(['wallet-a failed', 'wallet-b quoted']);
  });
});
