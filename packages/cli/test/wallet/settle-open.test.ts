import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import type { ManualEnd } from '@satway/client';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bill, readBill } from '../../src/wallet/bill.js';
import { findPayment, listOpenPayments, payBill, settleOpen } from '../../src/wallet/direct-payment/index.js';

let folder = '';
let network: SandboxNetwork;
let bill: Bill;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-open-'));
  network = createSandboxNetwork();
  const { issuer } = network.addNode('seller');
  bill = readBill((await issuer.create({ amountMsat: 5000, description: 'one call', expirySeconds: 600 })).invoice);
  await expect(pay(walletThat(NOT_FOUND))).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
});
afterEach(() => {
  network.close();
  rmSync(folder, { recursive: true, force: true });
});

const NOT_FOUND: PaymentLookUp = { state: 'notFound', walletNowMs: null };
const FAILED: PaymentLookUp = { state: 'failed', reason: 'no_route', detail: 'No route.', walletNowMs: null };
const SETTLED: PaymentLookUp = { state: 'settled', preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 2 };

const walletThat = (found: PaymentLookUp | Error, identity = 'wallet-a'): InvoicePayer => ({
  identity,
  network: 'regtest',
  refusesSecondPayment: true,
  feeCeilingMsat: () => 1000,
  balance: async () => ({ spendableMsat: 1_000_000 }),
  lookUp: async () => (found instanceof Error ? Promise.reject(found) : found),
  pay: async () => ({ state: 'unknown', detail: 'The reply was lost.' }),
});
const pay = (wallet: InvoicePayer) =>
  payBill({
    bill,
    wallet,
    feeLimitMsat: 1000,
    folder,
    nowMs: Date.now(),
    timeoutMs: 500,
    approve: async () => true,
    refusePaidElsewhere: () => undefined,
    onSending: () => undefined,
  });
const settle = (wallet: InvoicePayer, as?: ManualEnd) =>
  settleOpen({ folder, wallet }, bill.paymentHashHex, async () =>
    as === undefined ? null : { as, decidedBy: 'ana@home', reason: 'it was stuck' },
  );
const state = (): unknown =>
  (JSON.parse(readFileSync(join(folder, `${bill.paymentHashHex}.json`), 'utf8')) as { state: unknown }).state;

describe('an open payment that a person sent', () => {
  it('is listed until its wallet proves an end, which is then written down and not decided about', async () => {
    expect(listOpenPayments(folder)).toMatchObject([{ paymentHashHex: bill.paymentHashHex, inHand: false }]);
    expect(await settle(walletThat(NOT_FOUND))).toMatchObject({ walletSays: 'notFound', detail: expect.any(String) });
    expect(await settle(walletThat(FAILED), 'settled-as-spent')).toMatchObject({ walletSays: 'failed', detail: null });
    expect(state()).toBe('failed');
    expect(listOpenPayments(folder)).toEqual([]);
    await expect(settle(walletThat(FAILED))).rejects.toMatchObject({ code: 'PURCHASE_STATE_CONFLICT' });
  });

  it('is not asked about at another wallet, and says which permission is missing where that is why nobody answers', async () => {
    await expect(settle(walletThat(FAILED, 'wallet-b'), 'failed')).rejects.toMatchObject({
      code: 'PURCHASE_STATE_CONFLICT',
    });
    const denied = new SatwayError('WALLET_PERMISSION_DENIED', { facts: { missingPermission: 'TrackPaymentV2' } });
    expect(await settle(walletThat(denied))).toMatchObject({ walletSays: null, missingPermission: 'TrackPaymentV2' });
    expect(state()).toBe('sending');
  });

  it.each([
    ['failed', 'released'],
    ['settled-as-spent', 'writtenOff'],
  ] as const)('is ended by hand as %s for good, unless its wallet has it as settled later', async (as, written) => {
    const { record } = await settle(walletThat(NOT_FOUND), as);
    expect(record.decision).toMatch(new RegExp(`^${as} by ana@home at 2.*: it was stuck$`));
    expect(state()).toBe(written);
    for (const wallet of [walletThat(NOT_FOUND), walletThat(FAILED), walletThat(FAILED, 'wallet-b')]) {
      await expect(pay(wallet)).rejects.toMatchObject({ code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' });
      expect(await findPayment(wallet, bill.paymentHashHex, folder)).toMatchObject({ state: 'endedByHand' });
      expect(state()).toBe(written);
    }
    expect(await findPayment(walletThat(SETTLED), bill.paymentHashHex, folder)).toMatchObject({ state: 'settled' });
    expect(state()).toBe('settled');
  });
});
