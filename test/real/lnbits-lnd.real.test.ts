import { setTimeout as passTime } from 'node:timers/promises';
import { connectLnbitsPayer, createLnbitsIssuer } from '@satway/wallets/lnbits';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeInvoiceIssuer } from '../../packages/wallets/test/conformance/issuer-conformance.js';
import { describeInvoicePayer } from '../../packages/wallets/test/conformance/payer-conformance.js';
import { type LnbitsInstance, type LnbitsWallet, openLink, startLnbits } from './lnbits/index.js';
import {
  addHeldInvoice,
  addInvoice,
  PROBE_MSAT,
  payInvoice,
  type RegtestNetwork,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';

/** An instance in front of the buyer's node: its wallets pay and are paid over the channel to the seller's node. */
let network: RegtestNetwork;
let instance: LnbitsInstance;
let wallet: LnbitsWallet;

const FUNDS_MSAT = 500_000_000;

beforeAll(async () => {
  network = await startRegtestNetwork();
  instance = await startLnbits(behind(network));
  wallet = await instance.newWallet();
  const funding = await issuer().create({ amountMsat: FUNDS_MSAT, description: 'funds', expirySeconds: 600 });
  await payFromSeller(funding.invoice);
  await waitUntil('the funds are there', async () => {
    await issuer().lookUp(funding.paymentHashHex);
    return (await instance.balanceMsat(wallet)) === FUNDS_MSAT;
  });
});
afterAll(async () => {
  await instance?.stop();
  await network?.stop();
});

/** Settings of an instance in front of the buyer's node. */
function behind({ nodes: { buyer } }: RegtestNetwork): Readonly<Record<string, string>> {
  return {
    LNBITS_BACKEND_WALLET_CLASS: 'LndRestWallet',
    LND_REST_ENDPOINT: buyer.restUrl,
    LND_REST_CERT: buyer.tlsCertPath,
    LND_REST_MACAROON: buyer.macaroonHex(),
    LNBITS_RESERVE_FEE_PERCENT: '0',
    LNBITS_RATE_LIMIT_NO: '100000',
  };
}

const issuer = () => createLnbitsIssuer({ url: instance.url, key: wallet.invoiceKey });
const payer = () => connectLnbitsPayer({ url: instance.url, key: wallet.adminKey });
const LIMITS = { feeLimitMsat: 10_000, timeoutMs: 30_000 };

async function payFromSeller(invoice: string): Promise<void> {
  const { status, failure_reason } = await payInvoice(network.nodes.seller, invoice);
  if (status !== 'SUCCEEDED') throw new Error(`the payment failed: ${failure_reason}`);
}

const cancelAt = (node: 'seller' | 'buyer', paymentHashHex: string): Promise<void> =>
  network.nodes[node].call('POST', '/v2/invoices/cancel', {
    payment_hash: Buffer.from(paymentHashHex, 'hex').toString('base64'),
  });

/** What the wallet and the two nodes own, once no payment is under way at the nodes. */
async function books() {
  const { sellerMsat, buyerMsat } = await network.settledBalancesMsat();
  return { sellerMsat, buyerMsat, walletMsat: await instance.balanceMsat(wallet) };
}

/** The wallet, its node and the other node agree about one payment of `msat` that left the wallet (below zero: that came in). */
async function expectPaid(before: Awaited<ReturnType<typeof books>>, msat: number, besidesMsat = 0): Promise<void> {
  const after = await books();
  expect(before.walletMsat - after.walletMsat).toBe(msat);
  expect(before.buyerMsat - after.buyerMsat).toBe(msat + besidesMsat);
  expect(after.sellerMsat - before.sellerMsat).toBe(msat + besidesMsat);
}

/** How the wallet has a payment written down, without making LNbits wait half a minute for news of it. */
async function writtenDown(paymentHashHex: string): Promise<string | undefined> {
  const rows = await instance.call<readonly { payment_hash: string; status: string }[]>(
    'GET',
    '/api/v1/payments?limit=20',
    { key: wallet.invoiceKey },
  );
  return rows.find((row) => row.payment_hash === paymentHashHex)?.status;
}

describeInvoiceIssuer(
  'LNbits in front of an LND, with an invoice key',
  async () => ({
    issuer: issuer(),
    network: 'regtest',
    pay: payFromSeller,
    cancel: (paymentHashHex) => cancelAt('buyer', paymentHashHex),
    traits: { wholeSatsOnly: true, longestDescription: 639 },
    close: async () => undefined,
  }),
  { without: ['onSettled'] },
);

describeInvoicePayer('LNbits in front of an LND, with an admin key', async () => {
  const { seller } = network.nodes;
  const paying = await payer();
  const held = new Map<string, Awaited<ReturnType<typeof addHeldInvoice>>>();
  return {
    payer: paying,
    network: 'regtest',
    createInvoice: async (amountMsat, expirySeconds) => {
      await network.settledBalancesMsat();
      return { ...(await addInvoice(seller, amountMsat, { expiry: String(expirySeconds) })), amountMsat };
    },
    cancelInvoice: (paymentHashHex) => cancelAt('seller', paymentHashHex),
    hold: {
      createInvoice: async (amountMsat) => {
        const added = await addHeldInvoice(seller, amountMsat);
        held.set(added.paymentHashHex, added);
        return { ...added, amountMsat };
      },
      resolve: async (paymentHashHex, as) => {
        const added = held.get(paymentHashHex);
        await (as === 'settled' ? added?.settle() : added?.cancel());
        const state = async () => (await paying.lookUp(paymentHashHex)).state;
        await waitUntil('the payer has heard', async () => (await state()) !== 'inFlight');
        await network.settledBalancesMsat();
      },
    },
    traits: { failedInvoiceCannotBeRetried: true },
    close: () => paying.close(),
  };
});

describe('a real LNbits in front of a real LND', () => {
  beforeEach(() => network.canPay());

  it('pays and is paid over the channel, and the books of the wallet and of both nodes agree', async () => {
    const before = await books();
    const bill = await addInvoice(network.nodes.seller, 12_345);
    const outcome = await (await payer()).pay({ ...bill, amountMsat: 12_345, ...LIMITS });
    expect(outcome).toMatchObject({ state: 'settled', amountMsat: 12_345, feeMsat: 0 });
    await expectPaid(before, 12_345);

    const sold = await issuer().create({ amountMsat: 7000, description: 'one call', expirySeconds: 600 });
    await payFromSeller(sold.invoice);
    expect(await issuer().lookUp(sold.paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 7000 });
    await expectPaid(before, 12_345 - 7000);
  });

  it('learns its network from what it has paid, and makes no invoice for that', async () => {
    const hashes = async () => {
      const path = '/api/v1/payments?limit=500';
      const rows = await instance.call<{ payment_hash: string }[]>('GET', path, { key: wallet.invoiceKey });
      return rows.map((row) => row.payment_hash);
    };
    const before = new Set(await hashes());
    expect([...before][0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await payer()).network).toBe('regtest');
    // LNbits takes rows of its own away meanwhile.
    expect((await hashes()).filter((hash) => !before.has(hash))).toEqual([]);
    const elsewhere = connectLnbitsPayer({ url: instance.url, key: wallet.adminKey, network: 'bitcoin' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
  });

  it('that answers “pending” after five seconds has paid when the money is taken later, within the time limit', async () => {
    const before = await books();
    const paying = await payer();
    const bill = await addHeldInvoice(network.nodes.seller, 4000);
    const outcome = paying.pay({ ...bill, amountMsat: 4000, ...LIMITS });
    await passTime(6000);
    await bill.settle();
    expect(await outcome).toMatchObject({ state: 'settled', amountMsat: 4000 });
    await expectPaid(before, 4000);
  });

  it('with its peer frozen: the answer is unknown, the payment in flight, and settled once the peer goes on', async () => {
    const { seller } = network.nodes;
    const before = await books();
    const paying = await payer();
    const bill = await addInvoice(seller, 8000);

    seller.process.signal('SIGSTOP');
    expect((await paying.pay({ ...bill, amountMsat: 8000, ...LIMITS, timeoutMs: 8000 })).state).toBe('unknown');
    expect(await writtenDown(bill.paymentHashHex)).toBe('pending');
    seller.process.signal('SIGCONT');

    const state = async () => (await paying.lookUp(bill.paymentHashHex)).state;
    await waitUntil('the payment is settled', async () => (await state()) === 'settled');
    expect((await paying.pay({ ...bill, amountMsat: 8000, ...LIMITS, mayHaveBeenSentBefore: true })).state).toBe(
      'unknown',
    );
    await expectPaid(before, 8000);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ended by %s in mid-payment: the answer is unknown, and after its restart the payment settles once',
    async (signal) => {
      const before = await books();
      const paying = await payer();
      const bill = await addHeldInvoice(network.nodes.seller, 9000);
      const path = `/v1/invoice/${bill.paymentHashHex}`;
      const outcome = paying.pay({ ...bill, amountMsat: 9000, ...LIMITS });
      await waitUntil('the money is held', async () =>
        (await network.nodes.seller.ask('GET', path)).body.includes('ACCEPTED'),
      );

      await instance.process.stop(signal);
      expect((await outcome).state).toBe('unknown');
      await expect(paying.lookUp(bill.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
      await instance.start();
      expect(await writtenDown(bill.paymentHashHex)).toBe('pending');
      const again = await paying.pay({ ...bill, amountMsat: 9000, ...LIMITS, mayHaveBeenSentBefore: true });
      expect(again.state).toBe('unknown');
      await bill.settle();

      const state = async () => (await paying.lookUp(bill.paymentHashHex)).state;
      await waitUntil('the payment is settled', async () => (await state()) === 'settled');
      await expectPaid(before, 9000);
    },
  );

  it('that was down while an invoice of its was paid credits it when it is back', async () => {
    const before = await books();
    const sold = await issuer().create({ amountMsat: 6000, description: 'one call', expirySeconds: 600 });
    await instance.process.stop('SIGKILL');
    await payFromSeller(sold.invoice);
    await instance.start();
    const selling = issuer();
    expect(await selling.lookUp(sold.paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 6000 });
    await expectPaid(before, -6000);
  });

  it('that comes back only after the expiry never credits what its node was paid, and so nothing was sold', async () => {
    const before = await books();
    const sold = await issuer().create({ amountMsat: 6000, description: 'one call', expirySeconds: 8 });
    await instance.process.stop('SIGKILL');
    await payFromSeller(sold.invoice);
    await passTime(Math.max(0, sold.expiresAtMs + 1500 - Date.now()));
    await instance.start();
    expect(await issuer().lookUp(sold.paymentHashHex)).toEqual({ state: 'closed' });
    const after = await books();
    expect(after.walletMsat).toBe(before.walletMsat);
    expect(after.buyerMsat - before.buyerMsat).toBe(6000);
  });

  it('whose link to its node was cut while it was paid credits that once the link is there again before the expiry, looked up or not', async () => {
    const link = await openLink(network.nodes.buyer.restUrl);
    const linked = await startLnbits({ ...behind(network), LND_REST_ENDPOINT: link.url });
    try {
      const { invoiceKey } = await linked.newWallet();
      const [watching, leaving] = [0, 1].map(() => createLnbitsIssuer({ url: linked.url, key: invoiceKey }));
      const request = { amountMsat: 6000, description: 'one call', expirySeconds: 40 };
      const sold = [await watching?.create(request), await leaving?.create(request)];
      // Whoever leaves looks nothing up any more.
      await leaving?.close();
      link.cut();
      for (const bill of sold) await payFromSeller(bill?.invoice ?? '');
      link.mend();
      await passTime(Math.max(0, (sold[1]?.expiresAtMs ?? 0) + 1500 - Date.now()));
      const found = sold.map((bill) =>
        createLnbitsIssuer({ url: linked.url, key: invoiceKey }).lookUp(bill?.paymentHashHex ?? ''),
      );
      expect(await Promise.all(found)).toMatchObject([
        { state: 'settled', amountReceivedMsat: 6000 },
        { state: 'settled', amountReceivedMsat: 6000 },
      ]);
      await watching?.close();
    } finally {
      await linked.stop();
      await link.close();
    }
  });

  it('gives nobody the preimage of an expired invoice, as one without a node does', async () => {
    const stranger = await instance.newWallet();
    const selling = createLnbitsIssuer({ url: instance.url, key: stranger.invoiceKey });
    const expired = await selling.create({ amountMsat: 1000, description: 'one call', expirySeconds: 1 });
    await passTime(2500);
    expect(await selling.lookUp(expired.paymentHashHex)).toEqual({ state: 'closed' });
    const { status, body } = await instance.ask('POST', '/api/v1/payments', {
      key: wallet.adminKey,
      body: { out: true, bolt11: expired.invoice },
    });
    expect(status).toBe(520);
    expect(body).not.toMatch(/preimage|[0-9a-f]{64}/);
  });

  it('whose node was away when it was to pay says in flight for ever, and never pays that invoice again', async () => {
    const { buyer, seller } = network.nodes;
    const before = await books();
    const paying = await payer();
    const bill = await addInvoice(seller, 5000);

    await buyer.stop('SIGKILL');
    expect((await paying.pay({ ...bill, amountMsat: 5000, ...LIMITS, timeoutMs: 4000 })).state).toBe('unknown');
    await buyer.start();
    await network.canPay();

    expect(await paying.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    const again = await paying.pay({ ...bill, amountMsat: 5000, ...LIMITS, mayHaveBeenSentBefore: true });
    expect(again.state).toBe('unknown');
    const after = await books();
    expect(after.sellerMsat - before.sellerMsat).toBe(PROBE_MSAT);
    // The wallet keeps amount and fee reserve aside until a person looks at it.
    expect(before.walletMsat - after.walletMsat).toBe(5000 + 2000);
  });
});
