import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp, PaymentOutcome, PayRequest } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bill, readBill } from '../../src/wallet/bill.js';
import { payBill } from '../../src/wallet/direct-payment/index.js';

let folder = '';
let network: SandboxNetwork;
let bill: Bill;
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'satway-direct-')), 'direct-payments');
  network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  const { issuer } = network.addNode('seller');
  bill = readBill((await issuer.create({ amountMsat: 5000, description: 'one call', expirySeconds: 600 })).invoice);
});
afterEach(() => {
  network.close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

/** The buyer's wallet, with some of what it does replaced, and what it was asked to pay. */
function walletThat(changes: Partial<InvoicePayer> = {}) {
  const honest = network.node('buyer').payer;
  const asked: PayRequest[] = [];
  const pay = (request: PayRequest): Promise<PaymentOutcome> => {
    asked.push(request);
    return (changes.pay ?? ((same) => honest.pay(same)))(request);
  };
  const wallet = Object.create(honest, Object.getOwnPropertyDescriptors({ ...changes, pay })) as InvoicePayer;
  return { wallet, asked };
}

const run = (
  wallet: InvoicePayer,
  more: { approve?: () => Promise<boolean>; nowMs?: number; refusePaidElsewhere?: () => void } = {},
) =>
  payBill({
    bill,
    wallet,
    feeLimitMsat: 0,
    folder,
    nowMs: Date.now(),
    timeoutMs: 500,
    approve: async () => true,
    refusePaidElsewhere: () => undefined,
    onSending: () => undefined,
    ...more,
  });

const record = () => JSON.parse(readFileSync(join(folder, `${bill.paymentHashHex}.json`), 'utf8')) as unknown;
const unknownOutcome = async (): Promise<PaymentOutcome> => ({ state: 'unknown', detail: 'The reply was lost.' });
const saying = (found: PaymentLookUp) => async () => found;
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
const LONG_AFTER_MS = 600_000 + 60_001;
const expiresAtMs = () => bill.decoded.expiresAtMs;

describe('a payment that a person makes', () => {
  it('is on disk, for its owner only, before the wallet is asked', async () => {
    let seen: unknown = null;
    const { wallet } = walletThat({
      pay: async () => {
        seen = record();
        return { state: 'failed', reason: 'no_route', detail: 'No route.' };
      },
    });
    await expect(run(wallet)).rejects.toMatchObject({ code: 'PAYMENT_FAILED' });
    expect(seen).toMatchObject({ state: 'sending', openSends: 1, paymentHashHex: bill.paymentHashHex });
    expect(statSync(join(folder, `${bill.paymentHashHex}.json`)).mode & 0o777).toBe(0o600);
    expect(record()).toMatchObject({ state: 'failed' });
  });

  it('is not begun without a yes, and leaves nothing behind', async () => {
    const { wallet, asked } = walletThat();
    expect(await run(wallet, { approve: async () => false })).toEqual({ state: 'declined' });
    expect(asked).toEqual([]);
    expect((await run(wallet)).state).toBe('settled');
  });

  it('says of a first request that it is the first, and of a later one that it may not be', async () => {
    const lost = walletThat({ pay: unknownOutcome });
    await expect(run(lost.wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown' });
    const { wallet, asked } = walletThat();
    expect((await run(wallet)).state).toBe('settled');
    expect(lost.asked[0]?.mayHaveBeenSentBefore).toBe(false);
    expect(asked.map(({ mayHaveBeenSentBefore }) => mayHaveBeenSentBefore)).toEqual([true]);
  });

  it('is not sent again by a wallet that might pay it twice, unless the wallet says that it failed', async () => {
    await expect(run(walletThat({ pay: unknownOutcome }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const careless = walletThat({ refusesSecondPayment: false });
    await expect(run(careless.wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(careless.asked).toEqual([]);
    const failed: PaymentLookUp = { state: 'failed', reason: 'no_route', detail: 'No route.', walletNowMs: null };
    const certain = walletThat({ refusesSecondPayment: false, lookUp: saying(failed) });
    expect((await run(certain.wallet)).state).toBe('settled');
  });

  it('is failed without a record at the wallet only once its invoice is a minute past its expiry there', async () => {
    const careless = { refusesSecondPayment: false, pay: unknownOutcome };
    await expect(run(walletThat(careless).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const lookAt = (walletNowMs: number | null) =>
      run(walletThat({ ...careless, lookUp: saying({ state: 'notFound', walletNowMs }) }).wallet, {
        nowMs: Date.now() + LONG_AFTER_MS,
      });
    for (const walletNowMs of [null, expiresAtMs() - 1, expiresAtMs() + 60_000]) {
      await expect(lookAt(walletNowMs)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
      expect(record()).toMatchObject({ state: 'sending' });
    }
    await expect(lookAt(expiresAtMs() + 60_001)).rejects.toMatchObject({ code: 'INVOICE_EXPIRED' });
    expect(record()).toMatchObject({ state: 'failed' });
  });

  it('stays unknown without a record at the wallet once it was seen in flight there', async () => {
    const careless = { refusesSecondPayment: false, pay: unknownOutcome };
    await expect(run(walletThat(careless).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const inFlight = walletThat({ ...careless, lookUp: saying({ state: 'inFlight' }) });
    await expect(run(inFlight.wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const lookUp = saying({ state: 'notFound', walletNowMs: expiresAtMs() + LONG_AFTER_MS });
    const gone = walletThat({ ...careless, lookUp });
    await expect(run(gone.wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(gone.asked).toEqual([]);
    expect(record()).toMatchObject({ state: 'sending', seenInFlight: true });
  });

  it('is not sent again while it is in flight, nor by another wallet than the one that was asked', async () => {
    await expect(run(walletThat({ pay: unknownOutcome }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    for (const changes of [{ lookUp: saying({ state: 'inFlight' }) }, { identity: 'another node' }]) {
      const { wallet, asked } = walletThat(changes);
      await expect(run(wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
      expect(asked).toEqual([]);
    }
  });

  it('is in one pair of hands at a time', async () => {
    const { promise: asked, resolve: tellAsked } = withResolvers();
    const { promise: ended, resolve: end } = withResolvers();
    const slow = walletThat({
      pay: async () => {
        tellAsked();
        await ended;
        return { state: 'failed', reason: 'no_route', detail: 'No route.' };
      },
    });
    const first = run(slow.wallet).catch((error: unknown) => error);
    await asked;
    const second = walletThat();
    await expect(run(second.wallet)).rejects.toMatchObject({ code: 'PURCHASE_UNDER_WAY', fundsMoved: 'unknown' });
    expect(second.asked).toEqual([]);
    end();
    expect(await first).toMatchObject({ code: 'PAYMENT_FAILED' });
    expect((await run(second.wallet)).state).toBe('settled');
  });

  it('is not failed by the failure of one request while another may lie in a socket', async () => {
    for (const _ of [1, 2]) {
      await expect(run(walletThat({ pay: unknownOutcome }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    }
    const failed: PaymentLookUp = { state: 'failed', reason: 'no_route', detail: 'No route.', walletNowMs: Date.now() };
    const careless = walletThat({ refusesSecondPayment: false, lookUp: saying(failed) });
    await expect(run(careless.wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(careless.asked).toEqual([]);
    expect(record()).toMatchObject({ state: 'sending', openSends: 2 });
  });

  it('is unknown where a second request fails, since the first may still lie in a socket', async () => {
    await expect(run(walletThat({ pay: unknownOutcome }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const noRoute = async (): Promise<PaymentOutcome> => ({ state: 'failed', reason: 'no_route', detail: 'No route.' });
    await expect(run(walletThat({ pay: noRoute }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(record()).toMatchObject({ state: 'sending', openSends: 2 });
  });

  it('fails again for certain where every earlier request had failed', async () => {
    const noRoute = async (): Promise<PaymentOutcome> => ({ state: 'failed', reason: 'no_route', detail: 'No route.' });
    for (const _ of [1, 2, 3]) {
      await expect(run(walletThat({ pay: noRoute }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_FAILED' });
      expect(record()).toMatchObject({ state: 'failed', openSends: 0 });
    }
  });

  it('was not sent where the wallet throws, and can be paid afterwards', async () => {
    const { wallet } = walletThat({
      pay: async () => {
        throw new SatwayError('WALLET_REFUSED');
      },
    });
    await expect(run(wallet)).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    expect(record()).toMatchObject({ state: 'failed' });
    expect((await run(walletThat().wallet)).state).toBe('settled');
  });

  it('is not sent where something else turns out to pay its hash once it is on disk, and is then as it was', async () => {
    const reused = new SatwayError('PAYMENT_HASH_REUSED', { fundsMoved: 'unknown' });
    let onDisk: unknown = null;
    const refusePaidElsewhere = () => {
      onDisk = record();
      throw reused;
    };
    const { wallet, asked } = walletThat();
    await expect(run(wallet, { refusePaidElsewhere })).rejects.toBe(reused);
    expect(onDisk).toMatchObject({ state: 'sending', openSends: 1 });
    expect(record()).toMatchObject({ state: 'failed', openSends: 0, totalSends: 0 });
    await expect(run(walletThat({ pay: unknownOutcome }).wallet)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const before = record();
    await expect(run(wallet, { refusePaidElsewhere })).rejects.toBe(reused);
    expect(record()).toEqual(before);
    expect(asked).toEqual([]);
  });

  it('is told again where it has settled, whatever has expired since', async () => {
    expect(await run(walletThat().wallet)).toMatchObject({ state: 'settled', paidBefore: false });
    const { wallet, asked } = walletThat();
    const end = await run(wallet, { nowMs: Date.now() + LONG_AFTER_MS });
    expect(end).toMatchObject({ state: 'settled', amountMsat: 5000, feeMsat: 0, paidBefore: true });
    expect(asked).toEqual([]);
  });
});
