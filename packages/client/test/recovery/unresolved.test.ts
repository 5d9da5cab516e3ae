import { createHash } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { PaymentLookUp } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import { type ManualDecision, openPurchaseStore, type PurchaseStore, settleUnresolved } from '../../src/index.js';
import { scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const NOW_MS = 1_800_000_000_000;

/** A purchase that a process left while its payment was under way. */
function leaveUnknown(path = temporaryStorePath()): { store: PurchaseStore; purchaseId: string } {
  const dead = openPurchaseStore({ path });
  dead.budgets.registerCap('default', 100_000);
  const purchaseId = valueOf(dead.journal.quote(quoteOf(1, { paymentHashHex: HASH })));
  dead.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  dead.journal.startSending(purchaseId);
  dead.close();
  return { store: temporaryStore(path), purchaseId };
}

const walletThatSays = (found: PaymentLookUp) => scriptedWallet({ lookUp: async () => found });
const decision = (as: ManualDecision['as']): ManualDecision => ({ as, decidedBy: 'ana@desk', reason: 'the node died' });

describe('a payment of which nobody knows the end', () => {
  it('is listed whatever wallet it is of, and no longer once it is final', () => {
    const { store, purchaseId } = leaveUnknown();
    expect(store.journal.listUnresolved().map((purchase) => purchase.purchaseId)).toEqual([purchaseId]);
    store.journal.adopt(purchaseId);
    store.journal.fail(purchaseId, 'no_route');
    expect(store.journal.listUnresolved()).toEqual([]);
  });

  it('is booked when the wallet says that it settled, and nobody is asked to decide', async () => {
    const { store, purchaseId } = leaveUnknown();
    const wallet = walletThatSays({ state: 'settled', preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 7 });
    let asked = 0;
    const found = await settleUnresolved({ store, wallet }, purchaseId, async () => {
      asked += 1;
      return decision('failed');
    });
    expect(found).toMatchObject({ walletSays: 'settled', detail: null, purchase: { state: 'settled' } });
    expect(store.journal.get(purchaseId)).toMatchObject({ state: 'settled', ownerId: null });
    expect(asked).toBe(0);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 5007 });
  });

  it('stays unknown where nobody decides, with its reservation', async () => {
    const { store, purchaseId } = leaveUnknown();
    const found = await settleUnresolved({ store, wallet: walletThatSays({ state: 'inFlight' }) }, purchaseId);
    expect(found).toMatchObject({ walletSays: 'inFlight', detail: 'The payment is in flight.' });
    expect(store.journal.get(purchaseId)).toMatchObject({ state: 'unknown', ownerId: null });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
  });

  it.each([
    ['settled-as-spent', 'written_off', { reservedMsat: 0, spentMsat: 6000 }],
    ['failed', 'released', { reservedMsat: 0, spentMsat: 0 }],
  ] as const)('is ended by a person as %s, and the journal keeps who, when and why', async (as, failure, budget) => {
    const { store, purchaseId } = leaveUnknown();
    const parts = { store, wallet: walletThatSays({ state: 'inFlight' }), nowMs: () => NOW_MS };
    const { purchase } = await settleUnresolved(parts, purchaseId, async () => decision(as));
    expect(purchase).toMatchObject({
      state: 'failed',
      failure,
      outcome: `${as} by ana@desk at 2027-01-15T08:00:00.000Z: the node died`,
    });
    expect(store.budgets.state('default')).toMatchObject(budget);
  });

  it.each(['settled-as-spent', 'failed'] as const)(
    'is never paid again when its seller offers the same invoice after a person ended it as %s',
    async (as) => {
      const { store, purchaseId } = leaveUnknown();
      await settleUnresolved({ store, wallet: walletThatSays({ state: 'inFlight' }) }, purchaseId, async () =>
        decision(as),
      );
      const again = store.journal.quote(quoteOf(1, { paymentHashHex: HASH, idempotencyKey: 'another' }));
      expect(again).toEqual({ ok: false, code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' });
    },
  );

  it('is in our hands while a person decides, so that no other process pays or resolves it meanwhile', async () => {
    const path = temporaryStorePath();
    const { store, purchaseId } = leaveUnknown(path);
    const other = temporaryStore(path);
    await settleUnresolved({ store, wallet: walletThatSays({ state: 'inFlight' }) }, purchaseId, async () => {
      expect(other.journal.adopt(purchaseId)).toBe(false);
      const second = settleUnresolved({ store: other, wallet: walletThatSays({ state: 'inFlight' }) }, purchaseId);
      await expect(second).rejects.toMatchObject({ code: 'PURCHASE_UNDER_WAY' });
      return null;
    });
    expect(other.journal.adopt(purchaseId)).toBe(true);
  });

  it('is not asked of another wallet, which knows nothing of it', async () => {
    const { store, purchaseId } = leaveUnknown();
    const wallet = scriptedWallet({ identity: 'wallet-b' });
    await expect(settleUnresolved({ store, wallet }, purchaseId)).rejects.toMatchObject({
      code: 'PURCHASE_STATE_CONFLICT',
    });
    expect(wallet.lookUps).toEqual([]);
  });

  it('cannot be ended twice', async () => {
    const { store, purchaseId } = leaveUnknown();
    const parts = { store, wallet: walletThatSays({ state: 'inFlight' }) };
    await settleUnresolved(parts, purchaseId, async () => decision('failed'));
    await expect(settleUnresolved(parts, purchaseId, async () => decision('failed'))).rejects.toMatchObject({
      code: 'PURCHASE_STATE_CONFLICT',
    });
    expect(store.journal.get(purchaseId)).toMatchObject({ failure: 'released' });
  });

  it.each([
    [new SatwayError('WALLET_PERMISSION_DENIED', { facts: { missingPermission: 'lookup_invoice' } }), 'lookup_invoice'],
    [new SatwayError('WALLET_PERMISSION_DENIED'), 'leave to look payments up'],
    [new SatwayError('WALLET_UNREACHABLE', { facts: { missingPermission: 'lookup_invoice' } }), null],
  ])('tells which permission the look-up lacks, and only where that is why: %s', async (refusal, missingPermission) => {
    const { store, purchaseId } = leaveUnknown();
    const wallet = scriptedWallet({ lookUp: () => Promise.reject(refusal) });
    const found = await settleUnresolved({ store, wallet }, purchaseId);
    expect(found).toMatchObject({ walletSays: null, missingPermission, purchase: { state: 'unknown' } });
  });

  it('leaves the wallet’s silence as what it is', async () => {
    const { store, purchaseId } = leaveUnknown();
    const wallet = scriptedWallet({ lookUp: () => Promise.reject(new TypeError('socket hang up')) });
    const found = await settleUnresolved({ store, wallet }, purchaseId);
    expect(found).toMatchObject({ walletSays: null, purchase: { state: 'unknown' } });
  });
});

describe('the budgets of a store', () => {
  it('are listed with what was spent and reserved', () => {
    const { store } = leaveUnknown();
    store.budgets.registerCap('holiday', 7000);
    expect(store.budgets.list()).toEqual([
      { budgetId: 'default', parentId: null, capMsat: null, reservedMsat: 6000, spentMsat: 0, frozenReason: null },
      { budgetId: 'holiday', parentId: null, capMsat: 7000, reservedMsat: 0, spentMsat: 0, frozenReason: null },
    ]);
  });
});
