import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addInvoice, payInvoice, type RegtestNetwork, startRegtestNetwork } from './network/index.js';

let network: RegtestNetwork;

beforeAll(async () => {
  network = await startRegtestNetwork();
});

afterAll(() => network?.stop());

describe('two real nodes with one channel', () => {
  it('settle a payment, and their balances agree to the millisatoshi', async () => {
    const { seller, buyer } = network.nodes;
    const before = await network.settledBalancesMsat();
    const { invoice, paymentHashHex } = await addInvoice(seller, 12_345);

    const payment = await payInvoice(buyer, invoice);

    expect(payment).toMatchObject({ status: 'SUCCEEDED', value_msat: '12345', fee_msat: '0' });
    expect(createHash('sha256').update(payment.payment_preimage, 'hex').digest('hex')).toBe(paymentHashHex);
    expect(await network.settledBalancesMsat()).toEqual({
      sellerMsat: before.sellerMsat + 12_345,
      buyerMsat: before.buyerMsat - 12_345,
    });
  });
});
