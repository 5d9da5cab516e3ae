import { createHash } from 'node:crypto';
import type { PaymentLookUp } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import { L402Client, openPurchaseStore, type PurchaseState } from '../../src/index.js';
import { type Script, scriptedWallet } from '../support/wallets.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const EXPIRES_AT_MS = 2_000_000_000_000;

type Left = Extract<PurchaseState, 'quoted' | 'reserved' | 'sending' | 'settled' | 'redeeming'>;

interface LeftOptions {
  readonly walletId?: string;
  readonly seenInFlight?: boolean;
  /** How often the invoice was sent to the wallet. */
  readonly sendings?: number;
}

/** Leaves a purchase behind in a state, as a process would that was killed there. */
function leaveBehind(
  path: string,
  left: Left,
  { walletId = 'wallet-a', seenInFlight = false, sendings = 1 }: LeftOptions = {},
): string {
  const store = openPurchaseStore({ path });
  store.budgets.registerCap('default', 100_000);
  const purchaseId = valueOf(store.journal.quote(quoteOf(1, { paymentHashHex: HASH, walletId })));
  if (left !== 'quoted') store.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  if (left === 'sending') for (let sent = 0; sent < sendings; sent++) store.journal.startSending(purchaseId);
  if (left === 'sending' && seenInFlight) store.journal.markUnknown(purchaseId, { seenInFlight });
  if (left === 'settled' || left === 'redeeming') {
    store.journal.startSending(purchaseId);
    store.journal.settle(purchaseId, { preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 0 });
  }
  if (left === 'redeeming') store.journal.startRedeeming(purchaseId);
  store.close();
  return purchaseId;
}

/** Recovers what was left behind with a wallet that answers so; no seller is there to be asked. */
async function recoverWith(left: Left, script: Script, more: LeftOptions = {}) {
  const path = temporaryStorePath();
  const purchaseId = leaveBehind(path, left, more);
  const store = temporaryStore(path);
  const wallet = scriptedWallet(script);
  const asked: string[] = [];
  const egress = { exchange: (request: { url: string }) => Promise.reject(asked.push(request.url)) };
  const client = new L402Client({ wallet, store, budgetSats: 100, egress: egress as never });
  const report = await client.recover();
  await client.close();
  expect(asked).toEqual([]);
  expect(wallet.payments).toEqual([]);
  return {
    report,
    wallet,
    purchase: store.journal.get(purchaseId),
    budget: store.budgets.state('default'),
    store,
    purchaseId,
  };
}

const answers = (found: PaymentLookUp): Script => ({ lookUp: async () => found });
const failed = (walletNowMs: number | null) =>
  answers({ state: 'failed', reason: 'no_route', detail: 'none', walletNowMs });
const notFound = (walletNowMs: number | null) => answers({ state: 'notFound', walletNowMs });

describe('recovery of what a dead process left', () => {
  it.each(['quoted', 'reserved'] as const)(
    'gives a reservation back that was never sent (%s), without asking anybody',
    async (left) => {
      const { report, wallet, purchase, budget } = await recoverWith(left, {});
      expect(report).toMatchObject({ released: 1 });
      expect(purchase).toMatchObject({ state: 'failed', ownerId: null });
      expect(budget).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
      expect(wallet.lookUps).toEqual([]);
    },
  );

  it('books a payment that settled and keeps its credential', async () => {
    const { report, purchase, budget, store, purchaseId } = await recoverWith(
      'sending',
      answers({ state: 'settled', preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 77 }),
    );
    expect(report).toMatchObject({ settled: 1 });
    expect(purchase).toMatchObject({ state: 'settled', feeMsat: 77, ownerId: null });
    expect(budget).toMatchObject({ reservedMsat: 0, spentMsat: 5077 });
    expect(store.credentials.ofPurchase(purchaseId)).toMatchObject({ preimageHex: PREIMAGE });
  });

  it('releases a payment that the wallet calls failed', async () => {
    const { report, purchase, budget } = await recoverWith('sending', failed(null));
    expect(report).toMatchObject({ failed: 1 });
    expect(purchase).toMatchObject({ state: 'failed' });
    expect(budget).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
  });

  it.each([
    ['tells no time', null],
    ['says that the invoice is alive', EXPIRES_AT_MS - 1],
    ['says that it expired less than a minute ago', EXPIRES_AT_MS + 60_000],
  ])(
    'keeps a payment unknown that was sent twice and failed once, while the wallet %s: the other request may still be paid',
    async (_what, walletNowMs) => {
      const { report, purchase, budget } = await recoverWith('sending', failed(walletNowMs), { sendings: 2 });
      expect(report).toMatchObject({ unknown: 1, failed: 0 });
      expect(purchase).toMatchObject({ state: 'unknown' });
      expect(budget.reservedMsat).toBeGreaterThan(0);
    },
  );

  it('releases a payment that was sent twice and failed, once nobody can pay its invoice any more', async () => {
    const { report, budget } = await recoverWith('sending', failed(EXPIRES_AT_MS + 60_001), { sendings: 2 });
    expect(report).toMatchObject({ failed: 1 });
    expect(budget).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
  });

  it('never stores a preimage that does not belong to the payment, and keeps the reservation', async () => {
    const { report, purchase, budget, store, purchaseId } = await recoverWith(
      'sending',
      answers({ state: 'settled', preimageHex: '00'.repeat(32), amountMsat: 5000, feeMsat: 0 }),
    );
    expect(report).toMatchObject({ unknown: 1 });
    expect(purchase).toMatchObject({ state: 'unknown' });
    expect(budget).toMatchObject({ reservedMsat: 6000 });
    expect(store.credentials.ofPurchase(purchaseId)).toBeNull();
  });

  it.each([
    ['in flight', answers({ state: 'inFlight' })],
    ['not found, its invoice alive', notFound(EXPIRES_AT_MS - 1)],
    ['not found, its invoice expired less than a minute ago', notFound(EXPIRES_AT_MS + 60_000)],
    ['not found, by a wallet that tells no time', notFound(null)],
    ['not to be asked for', { lookUp: () => Promise.reject(new TypeError('socket hang up')) }],
  ])('keeps a payment unknown that is %s', async (_, script) => {
    const { report, purchase, budget } = await recoverWith('sending', script);
    expect(report).toMatchObject({ unknown: 1 });
    expect(purchase).toMatchObject({ state: 'unknown', ownerId: null });
    expect(budget).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
  });

  it('gives up a payment that the wallet never saw a minute after its invoice expired', async () => {
    const { report, purchase } = await recoverWith('sending', notFound(EXPIRES_AT_MS + 60_001));
    expect(report).toMatchObject({ failed: 1 });
    expect(purchase).toMatchObject({ state: 'failed' });
  });

  it('never gives up a payment that was once seen in flight', async () => {
    const { report } = await recoverWith('sending', notFound(EXPIRES_AT_MS * 2), { seenInFlight: true });
    expect(report).toMatchObject({ unknown: 1 });
  });

  it.each(['settled', 'redeeming'] as const)('keeps what is paid and not redeemed (%s) as it is', async (left) => {
    const { report, purchase, wallet } = await recoverWith(left, {});
    expect(report).toMatchObject({ kept: 1 });
    expect(purchase).toMatchObject({ state: left, ownerId: null });
    expect(wallet.lookUps).toEqual([]);
  });

  it('leaves the payments of another wallet alone', async () => {
    const { report, purchase, wallet } = await recoverWith(
      'sending',
      answers({ state: 'failed', walletNowMs: null, reason: 'other', detail: '' }),
      {
        walletId: 'wallet-b',
      },
    );
    expect(report).toMatchObject({ failed: 0, unknown: 0 });
    expect(purchase).toMatchObject({ state: 'sending' });
    expect(wallet.lookUps).toEqual([]);
  });

  it('leaves alone what a living owner has in hand', async () => {
    const path = temporaryStorePath();
    const living = temporaryStore(path);
    living.budgets.registerCap('default', 100_000);
    const purchaseId = valueOf(living.journal.quote(quoteOf(1)));
    const wallet = scriptedWallet();
    const client = new L402Client({ wallet, store: temporaryStore(path) });
    expect(await client.recover()).toMatchObject({ inOtherHands: 1, released: 0 });
    await client.close();
    expect(living.journal.get(purchaseId)).toMatchObject({ state: 'quoted', ownerId: living.ownerId });
  });
});
