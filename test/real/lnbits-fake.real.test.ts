import { createHash } from 'node:crypto';
import { setTimeout as passTime } from 'node:timers/promises';
import { decodeInvoice, formatAuthorization } from '@satway/protocol';
import { connectLnbitsPayer, createLnbitsIssuer, inspectLnbits } from '@satway/wallets/lnbits';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOffer } from '../../packages/gate/test/engine/helpers.js';
import { createWorld, said, spend, type World } from '../../packages/gate/test/engine/world.js';
import { describeInvoiceIssuer } from '../../packages/wallets/test/conformance/issuer-conformance.js';
import { rowOf } from '../../packages/wallets/test/lnbits/lnbits-server.js';
import { describeInvoicePayer } from '../../packages/wallets/test/conformance/payer-conformance.js';
import {
  becomeOperator,
  payInAProcess,
  type LnbitsInstance,
  type LnbitsWallet,
  startLnbits,
  startReplyHolder,
} from './lnbits/index.js';

/** An instance without any node: its wallets pay each other inside it. */
let instance: LnbitsInstance;
let seller: LnbitsWallet;
let buyer: LnbitsWallet;
let stranger: LnbitsWallet;

beforeAll(async () => {
  instance = await startLnbits({
    LNBITS_BACKEND_WALLET_CLASS: 'FakeWallet',
    LNBITS_RESERVE_FEE_PERCENT: '0',
    LNBITS_RATE_LIMIT_NO: '100000',
  });
  const operator = await becomeOperator(instance);
  [seller, buyer, stranger] = [await instance.newWallet(), await instance.newWallet(), await instance.newWallet()];
  await operator.credit(buyer, 100_000);
  await operator.credit(stranger, 100_000);
});
afterAll(() => instance?.stop());

const issuerOf = (wallet: LnbitsWallet) => createLnbitsIssuer({ url: instance.url, key: wallet.invoiceKey });
const payerOf = (wallet: LnbitsWallet) => connectLnbitsPayer({ url: instance.url, key: wallet.adminKey });
const post = (wallet: LnbitsWallet, bolt11: string) =>
  instance.ask('POST', '/api/v1/payments', { key: wallet.adminKey, body: { out: true, bolt11 } });
const bill = async (amountMsat = 5000, expirySeconds = 600) => {
  const issued = await issuerOf(seller).create({ amountMsat, description: 'one call', expirySeconds });
  return { ...issued, feeLimitMsat: 10_000, timeoutMs: 30_000 };
};
const hashOf = (preimageHex: string): string =>
  createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
const books = async () => ({
  sellerMsat: await instance.balanceMsat(seller),
  buyerMsat: await instance.balanceMsat(buyer),
});

describeInvoiceIssuer(
  'LNbits, inside one instance, with an invoice key',
  async () => ({
    issuer: issuerOf(seller),
    network: 'bitcoin',
    pay: async (invoice) => {
      const { status, body } = await post(stranger, invoice);
      if (status !== 201) throw new Error(`the payment failed: ${body}`);
    },
    traits: { wholeSatsOnly: true, longestDescription: 639 },
    close: async () => undefined,
  }),
  { without: ['cancel', 'onSettled'] },
);

describeInvoicePayer(
  'LNbits, inside one instance, with an admin key',
  async () => ({
    payer: await payerOf(buyer),
    network: 'bitcoin',
    createInvoice: (amountMsat, expirySeconds) =>
      issuerOf(seller).create({ amountMsat: Math.ceil(amountMsat / 1000) * 1000, description: 'x', expirySeconds }),
    traits: {},
    close: async () => undefined,
  }),
  { without: ['cancel', 'hold'] },
);

describe('LNbits, inside one instance', () => {
  it('tells by its keys what they may do', async () => {
    const { url } = instance;
    expect(await inspectLnbits({ url, key: buyer.adminKey })).toMatchObject({ can: { pay: true, administer: true } });
    expect(await inspectLnbits({ url, key: buyer.invoiceKey })).toMatchObject({
      can: { pay: false, createInvoice: true, read: true, administer: false },
      excess: { receive: [], read: [] },
    });
    await expect(inspectLnbits({ url, key: 'deadbeef'.repeat(4) })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
    });
    await expect(connectLnbitsPayer({ url, key: buyer.invoiceKey })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
    });
  });

  it('is known by the same identity after a restart, and finds its payments again', async () => {
    const payer = await payerOf(buyer);
    const invoice = await bill();
    const outcome = await payer.pay(invoice);
    expect(outcome.state).toBe('settled');
    await instance.restartWith({});
    const again = await payerOf(buyer);
    expect(again.identity).toBe(payer.identity);
    expect(await again.lookUp(invoice.paymentHashHex)).toEqual(outcome);
  });

  it('pays one invoice once, however many ask at the same time, and the books of both sides agree', async () => {
    const before = await books();
    const payers = await Promise.all(Array.from({ length: 10 }, () => payerOf(buyer)));
    const invoice = await bill(7000);
    const outcomes = await Promise.all(payers.map((payer) => payer.pay(invoice)));
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['settled', ...Array(9).fill('unknown')]);
    expect(await payers[0]?.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'settled', amountMsat: 7000 });
    const after = await books();
    expect(before.buyerMsat - after.buyerMsat).toBe(7000);
    expect(after.sellerMsat - before.sellerMsat).toBe(7000);
  });

  it('finds a payment whose answer was lost, and one whose answer came after the time limit', async () => {
    const before = await books();
    const proxy = await startReplyHolder(instance.url);
    const payer = await connectLnbitsPayer({ url: proxy.url, key: buyer.adminKey });
    const [lost, late] = [await bill(3000), await bill(4000)];

    proxy.onPayment = 'lose the reply';
    expect((await payer.pay(lost)).state).toBe('unknown');
    proxy.onPayment = 'hold the reply';
    expect((await payer.pay({ ...late, timeoutMs: 3000 })).state).toBe('unknown');

    for (const each of [lost, late]) {
      expect(await payer.lookUp(each.paymentHashHex)).toMatchObject({ state: 'settled', feeMsat: 0 });
      proxy.onPayment = 'pass the reply on';
      expect((await payer.pay({ ...each, mayHaveBeenSentBefore: true })).state).toBe('unknown');
    }
    const after = await books();
    expect(before.buyerMsat - after.buyerMsat).toBe(7000);
    expect(after.sellerMsat - before.sellerMsat).toBe(7000);
    await payer.close();
    await proxy.close();
  });

  it('frozen with the request in its socket: the answer is unknown, and the invoice is paid once when it goes on', async () => {
    const before = await books();
    const proxy = await startReplyHolder(instance.url);
    const payer = await connectLnbitsPayer({ url: proxy.url, key: buyer.adminKey, callTimeoutMs: 3000 });
    const invoice = await bill(2000);
    proxy.beforePayment = () => instance.process.signal('SIGSTOP');
    expect((await payer.pay({ ...invoice, timeoutMs: 3000 })).state).toBe('unknown');
    await expect(payer.lookUp(invoice.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
    instance.process.signal('SIGCONT');
    proxy.beforePayment = () => undefined;
    await payer.close();

    const again = await payerOf(buyer);
    const outcome = await again.pay({ ...invoice, mayHaveBeenSentBefore: true });
    expect(['settled', 'unknown']).toContain(outcome.state);
    expect(await again.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'settled' });
    const after = await books();
    expect(before.buyerMsat - after.buyerMsat).toBe(2000);
    expect(after.sellerMsat - before.sellerMsat).toBe(2000);
    await again.close();
    await proxy.close();
  });

  it('finds what a process paid that was killed before it had the answer, and does not pay it again', async () => {
    const before = await books();
    const proxy = await startReplyHolder(instance.url);
    proxy.onPayment = 'hold the reply';
    const invoice = await bill(6000);
    const isPaid = proxy.nextPayment();
    const paying = payInAProcess(proxy.url, buyer, invoice);
    const told = paying.outcome.catch(() => 'nothing');
    await isPaid;
    await paying.kill();
    expect(await told).toBe('nothing');
    await proxy.close();

    const payer = await payerOf(buyer);
    expect(await payer.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'settled', amountMsat: 6000 });
    expect((await payer.pay({ ...invoice, mayHaveBeenSentBefore: true })).state).toBe('unknown');
    expect(before.buyerMsat - (await books()).buyerMsat).toBe(6000);
  });

  it('pays one invoice once when two processes pay it at the same time', async () => {
    const before = await books();
    const invoice = await bill(8000);
    const paying = [1, 2].map(() => payInAProcess(instance.url, buyer, invoice));
    const outcomes = await Promise.all(paying.map(({ outcome }) => outcome));
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['settled', 'unknown']);
    const after = await books();
    expect(before.buyerMsat - after.buyerMsat).toBe(8000);
    expect(after.sellerMsat - before.sellerMsat).toBe(8000);
  });

  it('does not say that we paid what another wallet of the instance paid', async () => {
    const before = await books();
    const payer = await payerOf(buyer);
    const invoice = await bill();
    expect((await post(stranger, invoice.invoice)).status).toBe(201);
    expect((await payer.pay(invoice)).state).not.toBe('settled');
    expect(await payer.lookUp(invoice.paymentHashHex)).toEqual({ state: 'notFound', walletNowMs: null });
    expect((await books()).buyerMsat).toBe(before.buyerMsat);
  });

  it('does not pay an invoice that has expired, which LNbits itself would', async () => {
    const payer = await payerOf(buyer);
    const [ours, theirs] = [await bill(1000, 1), await bill(1000, 1)];
    await passTime(2500);
    expect(await payer.pay(ours)).toMatchObject({ state: 'failed', reason: 'expired' });
    expect((await post(buyer, theirs.invoice)).status).toBe(201);
  });

  it('pays nothing when its fee reserve is above the limit', async () => {
    const before = await books();
    const payer = await payerOf(buyer);
    const invoice = await bill();
    expect(payer.feeCeilingMsat(5000)).toBe(2000);
    expect(await payer.pay({ ...invoice, feeLimitMsat: 1999 })).toMatchObject({ state: 'failed' });
    expect(await payer.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'notFound' });
    expect(await books()).toEqual(before);
  });

  it('answers for a payment of a wallet to itself that nothing was sold', async () => {
    const payer = await payerOf(buyer);
    const invoice = await issuerOf(buyer).create({ amountMsat: 1000, description: 'to myself', expirySeconds: 600 });
    expect(await payer.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'notFound' });
    await post(buyer, invoice.invoice);
    expect(await issuerOf(buyer).lookUp(invoice.paymentHashHex)).toEqual({ state: 'notFound' });
  });

  it('refuses to be called at a path with a slash at its end, and the key is not sent after it', async () => {
    const { status } = await instance.ask('GET', '/api/v1/wallet/', { key: buyer.invoiceKey });
    expect(status).toBe(307);
  });
});

describe('a preimage of LNbits', () => {
  it('comes to somebody who paid nothing, so that it proves nothing, and the wallet’s own record says so', async () => {
    const issuer = issuerOf(seller);
    expect(issuer.preimageIsProof).toBe(false);
    const invoice = await bill(9000, 1);
    await passTime(2500);
    // Whoever looks first marks the expired invoice as failed.
    expect(await issuer.lookUp(invoice.paymentHashHex)).toEqual({ state: 'closed' });
    const before = await instance.balanceMsat(stranger);

    const { status, body } = await post(stranger, invoice.invoice);

    const { preimage = '' } = JSON.parse(body) as { preimage?: string };
    expect(status).toBe(201);
    expect(hashOf(preimage)).toBe(invoice.paymentHashHex);
    expect(await instance.balanceMsat(stranger)).toBe(before);
    expect(await issuer.lookUp(invoice.paymentHashHex)).toEqual({ state: 'closed' });
  });

  it('of an unpaid invoice is shown to whoever has the invoice key', async () => {
    const invoice = await bill();
    const path = `/api/v1/payments/${invoice.paymentHashHex}`;
    const { details } = await instance.call<{ details: { preimage: string } }>('GET', path, { key: seller.invoiceKey });
    expect(hashOf(details.preimage)).toBe(invoice.paymentHashHex);
    expect(await issuerOf(seller).lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'open' });
  });

  it('is not believed by a payer whose wallet has no record of a payment', async () => {
    const payer = await payerOf(stranger);
    const invoice = await bill(9000, 5);
    const before = await instance.balanceMsat(stranger);
    await passTime(5500);
    expect(await issuerOf(seller).lookUp(invoice.paymentHashHex)).toEqual({ state: 'closed' });
    const outcome = await payer.pay(invoice);
    expect(outcome).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(await payer.lookUp(invoice.paymentHashHex)).toMatchObject({ state: 'notFound' });
    expect(await instance.balanceMsat(stranger)).toBe(before);
  });
});

describe('a real LNbits that limits calls', () => {
  it('is an error without a payment, and goes on afterwards', async () => {
    const payer = await payerOf(buyer);
    const invoice = await bill();
    const before = await books();
    await instance.restartWith({ LNBITS_RATE_LIMIT_NO: '3' });
    const balances = await Promise.allSettled(Array.from({ length: 8 }, () => payer.balance()));
    const codes = balances.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : ''));
    expect(codes).toContain('WALLET_UNREACHABLE');
    const looks = await Promise.allSettled(Array.from({ length: 8 }, () => payer.lookUp(invoice.paymentHashHex)));
    expect(looks.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await instance.restartWith({});
    expect(await books()).toEqual(before);
    expect((await payer.pay(await bill())).state).toBe('settled');
  });
});

describe('a gate in front of a real LNbits', () => {
  const BERLIN = '/v1/forecast/berlin';
  const shop = (options: { confirmSettlement?: boolean } = {}) =>
    createWorld({ wrapIssuer: () => issuerOf(seller), ...options });
  /** What one has who pays nothing and may look at the seller's unpaid invoices. */
  const forge = async (world: World) => {
    const { macaroonText, invoice } = readOffer(await world.ask(BERLIN));
    const decoded = decodeInvoice(invoice);
    const path = `/api/v1/payments/${decoded.ok ? decoded.value.paymentHashHex : ''}`;
    const { details } = await instance.call<{ details: { preimage: string } }>('GET', path, { key: seller.invoiceKey });
    return { invoice, headers: ['Authorization', formatAuthorization(macaroonText, details.preimage)] };
  };

  it('refuses a preimage that nobody paid for, without being told to, and serves it once it is paid', async () => {
    const world = await shop();
    const { invoice, headers } = await forge(world);
    expect(await said(world, BERLIN, headers)).toBe('PAYMENT_NOT_CONFIRMED');
    expect((await post(stranger, invoice)).status).toBe(201);
    world.advance(1000);
    expect(await spend(world, BERLIN, headers)).toBe('captured');
    expect(await said(world, BERLIN, headers)).not.toBe('claim');
  });

  it('serves it where the confirmation is switched off', async () => {
    const world = await shop({ confirmSettlement: false });
    const { headers } = await forge(world);
    expect(await said(world, BERLIN, headers)).toBe('claim');
  });
});

describe('the rows that the tests of the adapter are written with', () => {
  it('have the fields that this LNbits writes', async () => {
    const payer = await payerOf(buyer);
    const invoice = await bill();
    expect((await payer.pay(invoice)).state).toBe('settled');
    const path = `/api/v1/payments/${invoice.paymentHashHex}`;
    const { details } = await instance.call<{ details: object }>('GET', path, { key: buyer.invoiceKey });
    const fieldsOf = (row: object) => Object.entries(row).map(([name, value]) => [name, typeof value]);
    expect(fieldsOf(details)).toEqual(fieldsOf(rowOf()));
  });
});
