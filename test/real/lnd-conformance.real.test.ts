import { setTimeout as passTime } from 'node:timers/promises';
import type { PayingWallet } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInvoiceIssuer } from '../../packages/wallets/test/conformance/issuer-conformance.js';
import { describeInvoicePayer, type PayerFixture } from '../../packages/wallets/test/conformance/payer-conformance.js';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  payInvoice,
  type RegtestNetwork,
  startRegtestNetwork,
  urlSafe,
  waitUntil,
} from './network/index.js';
import { issuerOf, payerOf } from './roles.js';

let network: RegtestNetwork;

beforeAll(async () => {
  network = await startRegtestNetwork();
});

afterAll(() => network?.stop());

const cancel = (paymentHashHex: string): Promise<void> =>
  network.nodes.seller.call('POST', '/v2/invoices/cancel', {
    payment_hash: Buffer.from(paymentHashHex, 'hex').toString('base64'),
  });

/** The two nodes' balances agree again: no payment of an earlier step is half-way. */
const atRest = (): Promise<unknown> => network.settledBalancesMsat();

describeInvoiceIssuer('LND, on a real node with an invoice-only macaroon', async () => ({
  issuer: await issuerOf(network.nodes.seller),
  network: 'regtest',
  pay: async (invoice) => {
    const { status, failure_reason } = await payInvoice(network.nodes.buyer, invoice);
    if (status !== 'SUCCEEDED') throw new Error(`the payment failed: ${failure_reason}`);
  },
  passTime: (ms) => passTime(ms),
  cancel,
  close: async () => undefined,
}));

/** What the recipes for the older call give, and what makes their payments findable. */
const OLDER = ['SendPaymentSync', 'GetInfo', 'ChannelBalance', 'ListPayments'].map(
  (call) => `/lnrpc.Lightning/${call}`,
);

const olderPayerOf = async (node: LndNode): Promise<PayingWallet> =>
  connectLndPayer({
    url: node.restUrl,
    tlsCertFile: node.tlsCertPath,
    macaroonHex: await node.bakeMacaroon(OLDER, 104),
  });

describe.each([
  ['a pay-only macaroon', payerOf],
  ['a macaroon for the older call and the list of payments', olderPayerOf],
] as const)('with %s', (name, connect) => {
  describeInvoicePayer(`LND, on a real node with ${name}`, () => makePayerFixture(connect));
});

async function makePayerFixture(connect: (node: LndNode) => Promise<PayingWallet>): Promise<PayerFixture> {
  const { seller, buyer } = network.nodes;
  const payer = await connect(buyer);
  const held = new Map<string, Awaited<ReturnType<typeof addHeldInvoice>>>();
  return {
    payer,
    network: 'regtest',
    createInvoice: async (amountMsat, expirySeconds) => {
      await atRest();
      return { ...(await addInvoice(seller, amountMsat, { expiry: String(expirySeconds) })), amountMsat };
    },
    cancelInvoice: cancel,
    passTime: (ms) => passTime(ms),
    hold: {
      createInvoice: async (amountMsat) => {
        const added = await addHeldInvoice(seller, amountMsat);
        held.set(added.paymentHashHex, added);
        return { ...added, amountMsat };
      },
      resolve: async (paymentHashHex, as) => {
        const added = held.get(paymentHashHex);
        await (as === 'settled' ? added?.settle() : added?.cancel());
        await waitUntil('the payer has heard', async () => (await payer.lookUp(paymentHashHex)).state !== 'inFlight');
        await atRest();
      },
    },
    close: () => payer.close(),
  };
}

describe('LND, on a real node', () => {
  it('reports an invoice held while money waits at its node', async () => {
    const { seller, buyer } = network.nodes;
    const issuer = await issuerOf(seller);
    const invoice = await addHeldInvoice(seller, 2_000);
    const paying = payInvoice(buyer, invoice.invoice);

    await waitUntil('the money is there', async () => (await issuer.lookUp(invoice.paymentHashHex)).state === 'held');

    await invoice.cancel();
    expect((await paying).status).toBe('FAILED');
    expect(await issuer.lookUp(invoice.paymentHashHex)).toEqual({ state: 'closed' });
  });

  it('answers the look-up of a payment by its padded, url-safe hash', async () => {
    const { seller, buyer } = network.nodes;
    const { invoice, paymentHashBase64 } = await addInvoice(seller, 1_000);
    await payInvoice(buyer, invoice);
    const { status } = await buyer.ask('GET', `/v2/router/track/${urlSafe(paymentHashBase64)}`);
    expect(status).toBe(200);
  });
});
