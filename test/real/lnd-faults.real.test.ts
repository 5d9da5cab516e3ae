import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectLndPayer, createLndIssuer } from '@satway/wallets/lnd';
import {
  addHeldInvoice,
  addInvoice,
  PROBE_MSAT,
  type RegtestNetwork,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';
import { invoiceOfNobody } from './recording/paying.js';
import { bakeInvoiceMacaroon, bakePayMacaroon, payerOf } from './roles.js';

let network: RegtestNetwork;

beforeAll(async () => {
  network = await startRegtestNetwork();
});

beforeEach(() => network.canPay());

afterAll(() => network?.stop());

const LIMITS = { feeLimitMsat: 10_000, timeoutMs: 30_000 };

const soldMsat = async (): Promise<number> => (await network.settledBalancesMsat()).sellerMsat;

describe('a real LND in trouble', () => {
  it('fails a payment to which there is no way', async () => {
    const payer = await payerOf(network.nodes.buyer);
    const { invoice, paymentHashHex } = invoiceOfNobody();
    const outcome = await payer.pay({ invoice, paymentHashHex, amountMsat: 21_000, ...LIMITS });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'no_route' });
  });

  it('refuses to pay with a macaroon for invoices, and no money moves', async () => {
    const { buyer, seller } = network.nodes;
    const access = { url: buyer.restUrl, tlsCertFile: buyer.tlsCertPath };
    const before = await soldMsat();
    await expect(connectLndPayer({ ...access, macaroonHex: await bakeInvoiceMacaroon(buyer) })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      fundsMoved: 'no',
    });
    const issuer = createLndIssuer({
      url: seller.restUrl,
      tlsCertFile: seller.tlsCertPath,
      macaroonHex: await bakePayMacaroon(seller),
    });
    await expect(issuer.create({ amountMsat: 1_000, description: '', expirySeconds: 60 })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
    });
    expect(await soldMsat()).toBe(before);
  });

  it('is not trusted with the certificate of another node', async () => {
    const { buyer, seller } = network.nodes;
    const macaroonHex = await bakePayMacaroon(buyer);
    const connecting = connectLndPayer({ url: buyer.restUrl, tlsCertFile: seller.tlsCertPath, macaroonHex });
    await expect(connecting).rejects.toMatchObject({ name: 'SatwayError', fundsMoved: 'no' });
  });

  it('with a new certificate is not trusted until that one is pinned, and the error says how', async () => {
    const { buyer, seller } = network.nodes;
    const pinned = await payerOf(buyer);
    const before = await soldMsat();
    await buyer.stop();
    rmSync(buyer.tlsCertPath);
    rmSync(buyer.tlsCertPath.replace(/cert$/, 'key'));
    await buyer.start();
    const fingerprint = new X509Certificate(readFileSync(buyer.tlsCertPath)).fingerprint256;
    const bill = await addInvoice(seller, 8_000);
    const payment = { ...bill, amountMsat: 8_000, ...LIMITS };
    const mismatch = { code: 'WALLET_TLS_MISMATCH', fundsMoved: 'no', detail: expect.stringContaining(fingerprint) };
    await expect(pinned.pay(payment)).rejects.toMatchObject(mismatch);
    await expect(pinned.lookUp(bill.paymentHashHex)).rejects.toMatchObject({
      detail: expect.stringContaining('openssl x509 -noout -fingerprint -sha256'),
    });

    const access = { url: buyer.restUrl, macaroonHex: await bakePayMacaroon(buyer) };
    const anew = await connectLndPayer({ ...access, tlsFingerprint256: fingerprint });
    await network.canPay();
    expect(await anew.pay(payment)).toMatchObject({ state: 'settled' });
    await anew.close();
    expect(await soldMsat()).toBe(before + 8_000 + PROBE_MSAT);
  });

  it('frozen with the request in its socket: the answer is unknown, and the payment is found once it goes on', async () => {
    const { buyer, seller } = network.nodes;
    const payer = await payerOf(buyer);
    const before = await soldMsat();
    const bill = await addInvoice(seller, 7_000);

    buyer.process.signal('SIGSTOP');
    const outcome = await payer.pay({ ...bill, amountMsat: 7_000, feeLimitMsat: 10_000, timeoutMs: 2_000 });
    expect(outcome.state).toBe('unknown');
    buyer.process.signal('SIGCONT');

    // Whether the node still reads what lies in the socket of a client that left is chance, so it is sent again: the node pays one hash once.
    const again = await payer.pay({ ...bill, amountMsat: 7_000, ...LIMITS, mayHaveBeenSentBefore: true });
    expect(['settled', 'unknown']).toContain(again.state);
    await waitUntil(
      'the payment is settled',
      async () => (await payer.lookUp(bill.paymentHashHex)).state === 'settled',
    );
    expect(await soldMsat()).toBe(before + 7_000);
  });

  it('shows the failure of another program’s request for a hash while ours lies unread: it is told as one that need not be ours', async () => {
    const { buyer } = network.nodes;
    const [payer, other] = [await payerOf(buyer), await payerOf(buyer)];
    const bill = { ...invoiceOfNobody(), amountMsat: 21_000 };
    expect(await other.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'failed', reason: 'no_route' });
    buyer.process.signal('SIGSTOP');
    await waitUntil('it is frozen', async () => /\) T /.test(readFileSync(`/proc/${buyer.pid}/stat`, 'utf8')));
    const outcome = await payer.pay({ ...bill, ...LIMITS, timeoutMs: 2_000 });
    buyer.process.signal('SIGCONT');
    expect(outcome.state).toBe('unknown');
    expect(outcome).not.toHaveProperty('takenUp');
    // Our own request may be read now, and be under way for a moment.
    const failed = await waitUntil('a failure is shown', async () => {
      const found = await payer.lookUp(bill.paymentHashHex);
      return found.state === 'failed' && found;
    });
    expect(failed).toMatchObject({ mayBeOfAnother: true });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ended by %s in mid-payment: the answer is unknown, and after its restart the payment settles once',
    async (signal) => {
      const { buyer, seller } = network.nodes;
      const payer = await payerOf(buyer);
      const before = await soldMsat();
      const bill = await addHeldInvoice(seller, 9_000);
      const paying = payer.pay({ ...bill, amountMsat: 9_000, ...LIMITS });
      const path = `/v1/invoice/${bill.paymentHashHex}`;
      await waitUntil('the money is held', async () => (await seller.ask('GET', path)).body.includes('ACCEPTED'));

      await buyer.stop(signal);
      expect(await paying).toMatchObject({ state: 'unknown', takenUp: true });
      await expect(payer.lookUp(bill.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
      await buyer.start();
      expect(await payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
      await bill.settle();
      await network.canPay();

      await waitUntil('it is settled', async () => (await payer.lookUp(bill.paymentHashHex)).state === 'settled');
      const again = await payer.pay({ ...bill, amountMsat: 9_000, ...LIMITS, mayHaveBeenSentBefore: true });
      expect(again.state).not.toBe('failed');
      expect(await soldMsat()).toBe(before + 9_000 + PROBE_MSAT);
    },
  );
});
