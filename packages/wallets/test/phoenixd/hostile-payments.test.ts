import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeInvoice } from './fake-lightning.js';
import { startTwo, type Two } from './two-daemons.js';

let two: Two;
let bill: FakeInvoice;
beforeEach(async () => {
  two = await startTwo();
  bill = two.lightning.createInvoice({ amountMsat: 3000, expirySeconds: 600 });
});
afterEach(() => two.close());

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const BY_HASH = '/payments/outgoingbyhash/';
const says = (path: string, body: unknown, status = 200) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  two.buyer.addFault({ path, before: () => ({ status, body: text }) });
};
const record = (more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'outgoing_payment',
  paymentHash: HASH,
  preimage: PREIMAGE,
  isPaid: true,
  sent: 7,
  fees: 4012,
  completedAt: 1_750_000_000_000,
  createdAt: 1_750_000_000_000,
  ...more,
});

describe('an answer to a payment that proves nothing', () => {
  it.each([
    ['another preimage', { paymentPreimage: '22'.repeat(32), routingFeeSat: 4 }],
    ['a preimage of zeros', { paymentPreimage: '00'.repeat(32) }],
    ['half a preimage', { paymentPreimage: '11' }],
    ['a preimage that is a number', { paymentPreimage: 7 }],
    ['a wrong preimage and a reason', { paymentPreimage: '22'.repeat(32), reason: 'not enough funds' }],
    ['nothing', {}],
    ['a list', []],
    ['a reason that is no text', { reason: 7 }],
    ['null', 'null'],
    ['half of an object', '{"paymentPreimage": "'],
    ['a reason of a payment of which there is no record', { reason: 'recipient node rejected the payment' }],
    ['that it was paid before', { reason: 'this invoice has already been paid' }],
    ['that it is under way', { reason: 'another payment is in progress for that invoice' }],
  ])('is %s', async (_name, body) => {
    says('/payinvoice', body);
    const outcome = await two.pay(bill);
    expect(outcome).toMatchObject({ state: 'unknown' });
    expect(JSON.stringify(outcome)).not.toContain('22222222');
  });

  it('is a reason where the record says that it is in flight, is paid, is somebody else’s, or cannot be had', async () => {
    for (const told of [
      { paymentHash: bill.paymentHashHex, isPaid: false },
      { ...record(), paymentHash: bill.paymentHashHex },
      { paymentHash: HASH, isPaid: false, completedAt: 1_750_000_000_000 },
      'Internal Server Error',
    ]) {
      two.buyer.addFault({ path: BY_HASH });
      says('/payinvoice', { paymentHash: bill.paymentHashHex, reason: 'recipient node rejected the payment' });
      says(BY_HASH, told, typeof told === 'string' ? 500 : 200);
      expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    }
  });
});

describe('a reason that stands', () => {
  const failed = () => ({ paymentHash: bill.paymentHashHex, isPaid: false, completedAt: 1_750_000_000_000 });

  it.each([
    ['not enough funds in wallet to afford payment', 'insufficient_balance'],
    ['not enough funds', 'insufficient_balance'],
    ['recipient node rejected the payment', 'incorrect_payment_details'],
    ['recipient node is offline or unreachable', 'no_route'],
    ['the recipient was offline or did not have enough liquidity to receive the payment', 'no_route'],
    ['liquidity issue at the recipient node', 'no_route'],
    ['channel is not connected yet, please retry when connected', 'other'],
    ['something that nobody has seen yet', 'other'],
  ])('is “%s”, once the record says that it failed', async (reason, expected) => {
    two.buyer.addFault({ path: BY_HASH });
    says('/payinvoice', { paymentHash: bill.paymentHashHex, reason });
    says(BY_HASH, failed());
    expect(await two.pay(bill)).toEqual({ state: 'failed', reason: expected, detail: `phoenixd: ${reason}` });
  });

  it('is one of those that phoenixd gives before it writes a payment down, where there is no record', async () => {
    says('/payinvoice', { paymentHash: bill.paymentHashHex, reason: 'payment request features not supported' });
    expect(await two.pay(bill)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
  });

  it('is none of those where there is a record of any other kind, nor beside a preimage, nor under HTTP 500', async () => {
    const settled = { ...record(), paymentHash: bill.paymentHashHex };
    const inFlight = { paymentHash: bill.paymentHashHex, isPaid: false };
    const neverWritten = { reason: 'payment amount must be positive' };
    for (const [status, told, found] of [
      [200, neverWritten, settled],
      [200, neverWritten, inFlight],
      [200, { reason: 'not enough funds', paymentPreimage: '22'.repeat(32) }, failed()],
      [500, { reason: 'not enough funds' }, failed()],
    ] as const) {
      two.buyer.clearFaults();
      two.buyer.addFault({ path: BY_HASH });
      says('/payinvoice', told, status);
      says(BY_HASH, found);
      expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    }
  });

  it('is told on one line, without what looks like a secret, and cut', async () => {
    two.buyer.addFault({ path: BY_HASH });
    says('/payinvoice', { reason: `one\r\ntwo\u001b[31m preimage=${'ab'.repeat(32)} ${'x'.repeat(5000)}` });
    says(BY_HASH, failed());
    const { detail } = (await two.pay(bill)) as { detail: string };
    expect(detail).toMatch(/^phoenixd: one two \[31m preimage=\[redacted\] x+$/);
    expect(detail.length).toBeLessThan(320);
  });

  it('is told without our password, even as a part of it', async () => {
    two.buyer.addFault({ path: BY_HASH });
    says('/payinvoice', { reason: `no funds for ${two.buyer.fullPassword}!` });
    says(BY_HASH, failed());
    expect(await two.pay(bill)).toMatchObject({ detail: 'phoenixd: no funds for [password]!' });
  });
});

describe('phoenixd’s own words for a call that it does not take', () => {
  it.each([
    [401, 'Invalid authentication (use basic auth with the http password set in phoenix.conf)'],
    [400, 'Request parameter invoice is missing'],
    [400, "Request parameter invoice couldn't be parsed/converted to bolt11invoice"],
    [404, 'Unknown endpoint (check api doc)'],
    [405, 'Invalid http method (use the correct GET/POST)'],
  ])('prove that nothing was sent: HTTP %i %s', async (status, body) => {
    says('/payinvoice', body, status);
    expect(await two.pay(bill)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    says('/payinvoice', body, 500);
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    says('/payinvoice', `${body}!`, status);
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
  });
});

describe('a record of a payment', () => {
  const lookUp = () => two.payer.lookUp(HASH);

  it('is settled with its preimage, failed with its end, else in flight', async () => {
    says(BY_HASH, record());
    expect(await lookUp()).toEqual({ state: 'settled', preimageHex: PREIMAGE, amountMsat: 3000, feeMsat: 4012 });
    says(BY_HASH, record({ isPaid: false, preimage: undefined }));
    expect(await lookUp()).toMatchObject({ state: 'failed', reason: 'other', walletNowMs: null });
    says(BY_HASH, record({ isPaid: false, preimage: undefined, completedAt: undefined }));
    expect(await lookUp()).toEqual({ state: 'inFlight' });
    says(BY_HASH, record({ isPaid: false, preimage: null, completedAt: null }));
    expect(await lookUp()).toEqual({ state: 'inFlight' });
  });

  it.each([
    [{ preimage: '22'.repeat(32) }],
    [{ preimage: undefined }],
    [{ preimage: '00'.repeat(32) }],
    [{ paymentHash: 'cd'.repeat(32) }],
    [{ paymentHash: HASH.toUpperCase() }],
    [{ isPaid: 'true' }],
    [{ isPaid: 1 }],
    [{ isPaid: undefined }],
    [{ isPaid: false }],
    [{ isPaid: false, preimage: undefined, completedAt: 'never' }],
    [{ isPaid: false, preimage: undefined, completedAt: 0 }],
    [{ isPaid: false, preimage: undefined, completedAt: false }],
  ])('proves nothing with %j', async (more) => {
    says(BY_HASH, record(more));
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it.each([
    [{ fees: -1 }],
    [{ fees: '1e9' }],
    [{ fees: 1.5 }],
    [{ fees: undefined }],
    [{ sent: 2 ** 53 }],
    [{ sent: Number.MAX_SAFE_INTEGER }],
    [{ sent: 0, fees: Number.MAX_SAFE_INTEGER }],
    [{ sent: -5 }],
    [{ sent: undefined }],
  ])('with the proof and amounts that are none, %j, counts as what phoenixd takes for its invoice', async (more) => {
    const { invoice } = two.lightning.createInvoice({ amountMsat: 3000, expirySeconds: 600 });
    says(BY_HASH, record({ invoice, ...more }));
    expect(await lookUp()).toEqual({ state: 'settled', preimageHex: PREIMAGE, amountMsat: 3000, feeMsat: 4012 });
  });

  it('counts under HTTP 200 alone', async () => {
    for (const status of [500, 404, 202, 206]) {
      says(BY_HASH, record(), status);
      await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    }
  });

  it('is missing in exactly one way', async () => {
    two.buyer.addFault({
      path: BY_HASH,
      before: () => ({ status: 404, body: 'Not found', headers: { Date: 'Sat, 21 Nov 2026 14:07:44 GMT' } }),
    });
    // A proxy's time proves nothing: phoenixd would pay the invoice after its expiry, too.
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: null });
    for (const [status, body] of [
      [404, 'Unknown endpoint (check api doc)'],
      [404, ''],
      [404, '<html>Not found</html>'],
      [200, 'Not found'],
      [204, ''],
      [500, 'Not found'],
      [403, 'Not found'],
    ] as const) {
      says(BY_HASH, body, status);
      await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    }
  });
});
