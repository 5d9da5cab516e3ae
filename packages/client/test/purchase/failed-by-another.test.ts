import { setTimeout as sleep } from 'node:timers/promises';
import type { InvoicePayer } from '@satway/wallets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newBill, paid, result, startScriptedPayer } from '../../../wallets/test/nwc/scripted-wallet.js';
import { startTwo } from '../../../wallets/test/phoenixd/two-daemons.js';
import type { Purchase, PurchaseStore } from '../../src/index.js';
import type { ClientContext } from '../../src/l402-client/context.js';
import { pay } from '../support/send.js';
import { resolve } from '../../src/recovery/index.js';
import { quoteOf, temporaryStore, valueOf } from '../temporary-store.js';

interface Bill {
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly amountMsat: number;
}

interface Scene {
  readonly context: ClientContext;
  readonly store: PurchaseStore;
  readonly read: () => Purchase;
}

/** A purchase of this bill, reserved. */
function begin(wallet: InvoicePayer, { invoice, paymentHashHex, amountMsat }: Bill, feeCeilingMsat: number): Scene {
  const store = temporaryStore();
  store.budgets.registerCap('default', 100_000);
  const quote = quoteOf(1, { walletId: wallet.identity, paymentHashHex, invoice, amountMsat });
  const purchaseId = valueOf(store.journal.quote(quote));
  valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat, maxTotalMsat: 100_000 }));
  const read = (): Purchase => {
    const purchase = store.journal.get(purchaseId);
    expect(purchase).not.toBeNull();
    return purchase as Purchase;
  };
  const clock = {
    nowMs: Date.now,
    sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
  const parts = {
    wallet,
    store,
    clock,
    paymentTimeoutMs: 1000,
    tell: () => undefined,
    keepAlive: (work: unknown) => work,
  };
  return { context: parts as unknown as ClientContext, store, read };
}

/** Our request is not answered in time, and the record that is found then says failed. */
async function payAndLookUp({ context, store, read }: Scene): Promise<void> {
  expect(await pay(context, read())).toMatchObject({ state: 'unknown' });
  expect(await resolve(context, read())).toMatchObject({ state: 'unknown', walletSays: 'failed' });
  expect(read().state).toBe('unknown');
  expect(store.budgets.state('default').reservedMsat).toBeGreaterThan(0);
}

describe('the failed payment of another program, while our request for the same invoice lies unread', () => {
  it('does not end our purchase at a phoenixd', async () => {
    const two = await startTwo();
    onTestFinished(() => two.close());
    const bill = await two.issuer.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });
    // phoenix-cli tries it while the seller is offline.
    const { lightning } = two;
    const send = lightning.send.bind(lightning);
    lightning.send = async () => ({ state: 'unreachable' });
    expect(await two.pay(bill)).toMatchObject({ state: 'failed' });
    lightning.send = send;
    let isRead: (answer: null) => void = () => undefined;
    const reading = new Promise<null>((done) => (isRead = done));
    two.buyer.addFault({ path: '/payinvoice', before: () => reading });
    const scene = begin(two.payer, bill, 20_000);
    await payAndLookUp(scene);
    isRead(null);
  });

  it('does not end our purchase at a wallet behind Nostr Wallet Connect', async () => {
    const bill = newBill();
    let answerNow: () => void = () => undefined;
    const { payer, relay } = await startScriptedPayer({
      lookup_invoice: (_request, { answer }) => {
        const facts = { type: 'outgoing', payment_hash: bill.paymentHashHex, amount: bill.amountMsat };
        answer(result('lookup_invoice', { ...facts, state: 'failed' }));
      },
      pay_invoice: (_request, { answer }) => {
        answerNow = () => answer(paid(bill));
      },
    });
    onTestFinished(async () => {
      await payer.close();
      await relay.close();
    });
    const scene = begin(payer, bill, 1000);
    await payAndLookUp(scene);
    answerNow();
  });
});
