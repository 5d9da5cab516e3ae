import { createHash } from 'node:crypto';
import type { PaymentOutcome } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import type { ClientEvent, Purchase, PurchaseStore } from '../../src/index.js';
import type { ClientContext } from '../../src/l402-client/context.js';
import { pay } from '../support/send.js';
import { scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, valueOf } from '../temporary-store.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const SETTLED: PaymentOutcome = { state: 'settled', preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 7 };

interface Scene {
  readonly store: PurchaseStore;
  readonly purchaseId: string;
  readonly read: () => Purchase;
  readonly told: ClientEvent[];
  /** The wallet answers at last, and whoever hears it has written it down. */
  readonly answer: (outcome: PaymentOutcome) => Promise<void>;
}

/** A purchase that was sent to a wallet which hangs, and is in nobody's hands. */
async function sentInVain(): Promise<Scene> {
  const store = temporaryStore();
  store.budgets.registerCap('default', 10_000);
  const purchaseId = valueOf(store.journal.quote(quoteOf(1, { paymentHashHex: HASH, keyGiven: true })));
  valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 }));
  const late: Promise<unknown>[] = [];
  const told: ClientEvent[] = [];
  let answerPay: (outcome: PaymentOutcome) => void = () => undefined;
  const context = {
    wallet: scriptedWallet({ pay: () => new Promise<PaymentOutcome>((done) => (answerPay = done)) }),
    store,
    clock: { nowMs: Date.now, sleep: async () => undefined },
    paymentTimeoutMs: 1000,
    tell: (event: ClientEvent) => void told.push(event),
    keepAlive: (work: Promise<unknown>) => void late.push(work),
  } as unknown as ClientContext;
  const read = (): Purchase => {
    const found = store.journal.get(purchaseId);
    expect(found).not.toBeNull();
    return found as Purchase;
  };
  expect(await pay(context, read())).toMatchObject({ state: 'unknown' });
  const answer = async (outcome: PaymentOutcome): Promise<void> => {
    answerPay(outcome);
    await Promise.all(late);
  };
  return { store, purchaseId, read, told, answer };
}

const endings = [
  ['that a record called failed', (store: PurchaseStore, id: string) => store.journal.fail(id, 'other: on record'), 0],
  ['that a person released', (store: PurchaseStore, id: string) => store.journal.release(id, 'by hand'), 0],
  ['that a person booked as spent', (store: PurchaseStore, id: string) => store.journal.writeOff(id, 'by hand'), 6000],
] as const;

describe('a purchase that has ended and whose payment turns out settled', () => {
  it.each(endings)('%s is settled, booked at its real cost, and told', async (_what, end, spentMsat) => {
    const { store, purchaseId, read, told, answer } = await sentInVain();
    end(store, purchaseId);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat });
    await answer(SETTLED);
    expect(read()).toMatchObject({ state: 'settled', failure: null, feeMsat: 7, ownerId: null, openSendings: 0 });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 5007, frozenReason: null });
    const costs = { paymentHashHex: HASH, amountMsat: 5000, feeMsat: 7 };
    expect(told).toContainEqual(expect.objectContaining({ type: 'failed_payment_settled', ...costs }));
    expect(told).toContainEqual({ type: 'paid', ...costs });
    expect(store.journal.listUnused(0)).toHaveLength(1);
  });

  it('freezes its budget where what was given back is spent on something else, or more went than was reserved', async () => {
    const spent = await sentInVain();
    spent.store.journal.fail(spent.purchaseId, 'other: on record');
    const other = valueOf(spent.store.journal.quote(quoteOf(2)));
    valueOf(spent.store.journal.reserve(other, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 }));
    await spent.answer(SETTLED);
    expect(spent.store.budgets.state('default')).toMatchObject({ spentMsat: 5007, frozenReason: 'overrun' });
    const dear = await sentInVain();
    dear.store.journal.fail(dear.purchaseId, 'other: on record');
    await dear.answer({ ...SETTLED, feeMsat: 1001 });
    expect(dear.store.budgets.state('default')).toMatchObject({ spentMsat: 6001, frozenReason: 'overrun' });
  });

  it('leaves its key to the purchase that was made under it since', async () => {
    const { store, purchaseId, read, answer } = await sentInVain();
    store.journal.fail(purchaseId, 'other: on record');
    const second = valueOf(store.journal.quote(quoteOf(2, { idempotencyKey: 'key-1', keyGiven: true })));
    await answer(SETTLED);
    expect(read().state).toBe('settled');
    expect(store.journal.findByKey('wallet-a', 'key-1')?.purchaseId).toBe(second);
  });

  it('stays failed where the preimage is that of something else, and where the answer is a failure', async () => {
    for (const outcome of [
      { ...SETTLED, preimageHex: '00'.repeat(32) },
      { state: 'failed', reason: 'other', detail: 'x' },
    ] as const) {
      const { store, purchaseId, read, answer } = await sentInVain();
      store.journal.fail(purchaseId, 'other: on record');
      await answer(outcome);
      expect(read()).toMatchObject({ state: 'failed', failure: 'other: on record' });
      expect(store.budgets.state('default').spentMsat).toBe(0);
    }
  });
});
