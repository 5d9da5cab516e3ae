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

describe('a phoenixd that issues something else than was asked for', () => {
  const create = () => two.issuer.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });
  const sells = (body: unknown, status = 200) =>
    two.seller.addFault({ path: '/', before: () => ({ status, body: JSON.stringify(body) }) });

  it('is not believed', async () => {
    const other = two.lightning.createInvoice({ amountMsat: 4000, expirySeconds: 600 });
    const open = two.lightning.createInvoice({ amountMsat: null, expirySeconds: 600 });
    for (const told of [
      { serialized: other.invoice, paymentHash: other.paymentHashHex },
      { serialized: open.invoice, paymentHash: open.paymentHashHex },
      { serialized: bill.invoice, paymentHash: other.paymentHashHex },
      { serialized: bill.invoice },
      { serialized: bill.invoice.toUpperCase().slice(0, -1), paymentHash: bill.paymentHashHex },
      { paymentHash: bill.paymentHashHex },
      {},
    ]) {
      sells(told);
      await expect(create()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
    }
  });

  it('is refused when it moves to another network', async () => {
    await create();
    const foreign = two.lightning.createInvoice({ amountMsat: 3000, expirySeconds: 600, network: 'bitcoin' });
    sells({ serialized: foreign.invoice, paymentHash: foreign.paymentHashHex });
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
    expect(two.issuer.network).toBe('regtest');
  });

  it('is told what was wrong with the call in its own words', async () => {
    two.seller.addFault({ path: '/createinvoice', before: () => ({ status: 400, body: 'no, thanks' }) });
    await expect(create()).rejects.toMatchObject({
      code: 'WALLET_REFUSED',
      detail: 'POST /createinvoice: HTTP 400: no, thanks',
    });
  });

  it('is asked for nothing in fractions of a satoshi, and with no longer description than it takes', async () => {
    const request = { amountMsat: 2000, description: 'x'.repeat(128), expirySeconds: 600 };
    expect((await two.issuer.create(request)).amountMsat).toBe(2000);
    two.seller.calls.length = 0;
    for (const wrong of [{ amountMsat: 2001 }, { amountMsat: 999 }, { description: 'x'.repeat(129) }]) {
      await expect(two.issuer.create({ ...request, ...wrong })).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    }
    expect(two.seller.calls).toEqual([]);
  });
});

describe('a record of an invoice', () => {
  const incoming = (more: Readonly<Record<string, unknown>> = {}) => ({
    paymentHash: HASH,
    preimage: PREIMAGE,
    isPaid: true,
    isExpired: false,
    requestedSat: 3,
    receivedSat: 3,
    fees: 0,
    completedAt: 1_750_000_000_000,
    ...more,
  });
  const lookUp = (more: Readonly<Record<string, unknown>>) => {
    two.seller.addFault({
      path: '/payments/incoming/',
      before: () => ({ status: 200, body: JSON.stringify(incoming(more)) }),
    });
    return two.issuer.lookUp(HASH);
  };

  it('says what came in, whatever was asked for', async () => {
    expect(await lookUp({})).toEqual({ state: 'settled', amountReceivedMsat: 3000, settledAtMs: 1_750_000_000_000 });
    expect(await lookUp({ receivedSat: 2, fees: 1 })).toMatchObject({ amountReceivedMsat: 3000 });
    expect(await lookUp({ receivedSat: 2 })).toMatchObject({ amountReceivedMsat: 2000 });
    expect(await lookUp({ receivedSat: 0, fees: 1999 })).toMatchObject({ amountReceivedMsat: 1999 });
    expect(await lookUp({ requestedSat: undefined })).toMatchObject({ amountReceivedMsat: 3000 });
    expect(await lookUp({ completedAt: undefined })).toMatchObject({ settledAtMs: null });
  });

  it.each([
    [{ paymentHash: 'cd'.repeat(32) }],
    [{ isPaid: 'true' }],
    [{ isPaid: undefined }],
    [{ receivedSat: -1 }],
    [{ receivedSat: 2 ** 52 }],
    [{ fees: -4000 }],
    [{ fees: undefined }],
    [{ isPaid: false, invoice: undefined }],
    [{ isPaid: false, invoice: 'lnbcrt1qqqqqq' }],
  ])('is not believed with %j', async (more) => {
    await expect(lookUp(more)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it('is not open because of an invoice of another hash', async () => {
    await expect(lookUp({ isPaid: false, invoice: bill.invoice })).rejects.toMatchObject({
      code: 'WALLET_ANSWER_INVALID',
    });
  });

  it('is missing in exactly one way', async () => {
    expect(await two.issuer.lookUp(HASH)).toEqual({ state: 'notFound' });
    two.seller.addFault({ path: '/', before: () => ({ status: 404, body: 'Unknown endpoint (check api doc)' }) });
    await expect(two.issuer.lookUp(HASH)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });
});
