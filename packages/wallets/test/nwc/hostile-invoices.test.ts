import type { ReceivingWallet } from '@satway/wallets';
import { createNwcIssuer, type NwcIssuerOptions } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedRelay, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { type Bill, newBill, refusal, result, walletScript, type WalletScript } from './scripted-wallet.js';

let relay: ScriptedRelay | null = null;
let issuer: ReceivingWallet | null = null;

afterEach(async () => {
  await issuer?.close();
  await relay?.close();
});

async function issuerOf(script: WalletScript, options: Partial<NwcIssuerOptions> = {}): Promise<ReceivingWallet> {
  relay = await startScriptedRelay(walletScript(script));
  issuer = createNwcIssuer({ uri: relay.uri, callTimeoutMs: 20_000, ...options });
  return issuer;
}

const REQUEST = { amountMsat: 5_000, description: 'one call', expirySeconds: 600 };

const makes = (bill: Bill, more: Readonly<Record<string, unknown>> = {}): WalletScript => ({
  make_invoice: (_request, { answer }) =>
    answer(result('make_invoice', { invoice: bill.invoice, payment_hash: bill.paymentHashHex, ...more })),
});

describe('a new invoice', () => {
  it('is asked for in millisatoshis and seconds, and what the wallet shows of the preimage is dropped', async () => {
    const bill = newBill();
    const made = await issuerOf(makes(bill, { preimage: bill.preimageHex }));
    const issued = await made.create(REQUEST);
    expect(relay?.requests.at(-1)?.params).toEqual({ amount: 5_000, description: 'one call', expiry: 600 });
    expect(issued).toMatchObject({ invoice: bill.invoice, paymentHashHex: bill.paymentHashHex, amountMsat: 5_000 });
    expect(JSON.stringify(issued)).not.toContain(bill.preimageHex);
    expect(made.network).toBe('regtest');
    expect(made.preimageIsProof).toBe(false);
  });

  it('needs no payment hash beside it', async () => {
    const bill = newBill();
    const made = await issuerOf(makes(bill, { payment_hash: undefined }));
    expect(await made.create(REQUEST)).toMatchObject({ paymentHashHex: bill.paymentHashHex });
  });

  it.each([
    ['of another amount', () => makes(newBill(6_000)), 'WALLET_ANSWER_INVALID'],
    ['with another hash beside it', () => makes(newBill(), { payment_hash: 'ab'.repeat(32) }), 'WALLET_ANSWER_INVALID'],
    ['that is none', () => makes({ ...newBill(), invoice: 'lnbcrt1qqqqqq' }), 'WALLET_ANSWER_INVALID'],
    ['that is missing', () => makes(newBill(), { invoice: undefined }), 'WALLET_ANSWER_INVALID'],
    ['of another network', () => makes(newBill(5_000, 'bitcoin')), 'WALLET_NETWORK_MISMATCH'],
  ] as const)('%s is refused', async (_what, script, code) => {
    const made = await issuerOf(script(), { network: 'regtest' });
    await expect(made.create(REQUEST)).rejects.toMatchObject({ code, fundsMoved: 'no' });
  });

  it.each([
    ['RESTRICTED', 'WALLET_PERMISSION_DENIED'],
    ['QUOTA_EXCEEDED', 'WALLET_PERMISSION_DENIED'],
    ['RATE_LIMITED', 'WALLET_UNREACHABLE'],
    ['INTERNAL', 'WALLET_UNREACHABLE'],
  ])('refused with %s throws %s', async (code, ours) => {
    const made = await issuerOf({ make_invoice: (_request, { answer }) => answer(refusal('make_invoice', code)) });
    await expect(made.create(REQUEST)).rejects.toMatchObject({ code: ours, fundsMoved: 'no' });
  });

  it('with a description that cannot be sealed is refused before anything is sent', async () => {
    const made = await issuerOf({});
    const create = made.create({ ...REQUEST, description: 'x'.repeat(70_000) });
    await expect(create).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(relay?.requests).toEqual([]);
  });

  it('that never comes is a time-out', async () => {
    const made = await issuerOf({ make_invoice: () => undefined }, { callTimeoutMs: 200 });
    await expect(made.create(REQUEST)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT', fundsMoved: 'no' });
  });

  it('whose answer cannot be read is refused at once', async () => {
    const made = await issuerOf(
      { make_invoice: (_request, { answer }) => answer('<html>') },
      { callTimeoutMs: 20_000 },
    );
    await expect(made.create(REQUEST)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });
});

describe('a look-up of an invoice', () => {
  const HASH = 'ab'.repeat(32);
  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const found = async (fields: Readonly<Record<string, unknown>>, clockSeconds = 0) => {
    const body = result('lookup_invoice', { payment_hash: HASH, type: 'incoming', amount: 5_000, ...fields });
    const createdAtSeconds = inSeconds(clockSeconds);
    const made = await issuerOf({ lookup_invoice: (_request, { answer }) => answer(body, { createdAtSeconds }) });
    return made.lookUp(HASH);
  };

  it.each([
    [
      { state: 'settled', settled_at: 1_700_000_000 },
      { state: 'settled', amountReceivedMsat: 5_000, settledAtMs: 1_700_000_000_000 },
    ],
    [{ state: 'settled' }, { state: 'settled', amountReceivedMsat: 5_000, settledAtMs: null }],
    [{ settled_at: 1_700_000_000 }, { state: 'settled', amountReceivedMsat: 5_000, settledAtMs: 1_700_000_000_000 }],
    [{ state: 'accepted', settled_at: 0 }, { state: 'held' }],
    [{ state: 'failed' }, { state: 'closed' }],
    [{ state: 'expired' }, { state: 'closed' }],
    [{ state: 'pending', expires_at: 1_700_000_000 }, { state: 'closed' }],
    [{ settled_at: 0, expires_at: 1_700_000_000 }, { state: 'closed' }],
    [
      { state: 'pending', expires_at: 4_000_000_000 },
      { state: 'open', expiresAtMs: 4_000_000_000_000 },
    ],
    [
      { expires_at: 4_000_000_000, preimage: 'cd'.repeat(32) },
      { state: 'open', expiresAtMs: 4_000_000_000_000 },
    ],
    [{ type: 'outgoing', state: 'settled' }, { state: 'notFound' }],
  ])('with %j', async (fields, expected) => {
    expect(await found(fields)).toEqual(expected);
  });

  it('judges the expiry by the wallet’s clock, not by ours', async () => {
    expect(await found({ state: 'pending', expires_at: inSeconds(600) }, 3_600)).toEqual({ state: 'closed' });
    await issuer?.close();
    await relay?.close();
    expect(await found({ state: 'pending', expires_at: inSeconds(-600) }, -3_600)).toMatchObject({ state: 'open' });
  });

  it.each([
    [{ state: 'settled', payment_hash: 'cd'.repeat(32) }],
    [{ state: 'settled', amount: '5 sats' }],
    [{ state: 'settled', amount: -5 }],
    [{ state: 'sunk' }],
    [{ state: 'pending' }],
  ])('with %j is refused', async (fields) => {
    await expect(found(fields)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it('of what is no hash is refused before anything is sent', async () => {
    const made = await issuerOf({});
    await expect(made.lookUp('../x')).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    expect(relay?.connections()).toBe(0);
  });
});
