import type { InvoiceIssuer, InvoicePayer } from '@satway/wallets';
import { SatwayError } from '@satway/base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, L402Client, type L402ClientOptions } from '../../src/index.js';
import { createFreshOffers } from '../../src/l402-client/fresh-offer.js';
import { openToolShop } from '../priced-tools/priced-shop.js';
import { openGate } from '../support/gate.js';
import { invoiceWith } from '../support/invoices.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { challenge, mintToken, startSeller, startServer } from '../support/seller.js';
import { scriptedWallet } from '../support/wallets.js';
import { temporaryStore } from '../temporary-store.js';

/** Issues two invoices that live for a minute, then such as live for an hour. */
function shortLivedFirst({ issuer }: Lightning): InvoiceIssuer {
  let issued = 0;
  return {
    ...issuer,
    create: (request) => issuer.create({ ...request, expirySeconds: ++issued <= 2 ? 60 : 3600 }),
  };
}

/** A client of which a second call waits for the first one's purchase, for as long as `passTime` says. */
function clientWithSlowWallet(lightning: Lightning) {
  const goOn = openGate<void>();
  const bothAsked = openGate<void>();
  let lateMs = 0;
  let challenges = 0;
  const asked: string[] = [];
  const wallet: InvoicePayer = {
    ...lightning.payer,
    pay: async (request) => {
      asked.push(request.invoice);
      if (asked.length > 1) return lightning.payer.pay(request);
      await goOn.promise;
      return { state: 'failed', reason: 'no_route', detail: 'none' };
    },
  };
  const clock: Clock = {
    nowMs: () => Date.now() + lateMs,
    sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
  };
  const onEvent: L402ClientOptions['onEvent'] = ({ type }) => {
    if (type === 'challenged' && ++challenges === 2) bothAsked.resolve();
  };
  const client = new L402Client({ wallet, store: temporaryStore(), clock, onEvent });
  onTestFinished(() => client.close());
  const passTime = async (ms: number) => {
    await bothAsked.promise;
    lateMs = ms;
    goOn.resolve();
  };
  return { client, asked, passTime };
}

describe('an offer that expires while another purchase of the same is waited for', () => {
  it('is not paid: a fresh one is asked for, and paid', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: shortLivedFirst(lightning), uses: 2 });
    const { client, asked, passTime } = clientWithSlowWallet(lightning);
    const both = Promise.all([client.tryFetch(`${seller.url}/item`), client.tryFetch(`${seller.url}/item`)]);
    await passTime(61_000);
    const results = await both;
    expect(results.filter(({ ok }) => ok)).toMatchObject([{ payment: { source: 'bought', paidMsat: 5000 } }]);
    expect(results.filter(({ ok }) => !ok)).toMatchObject([{ code: 'PAYMENT_FAILED' }]);
    const [first, , third] = lightning.invoices();
    expect(asked).toHaveLength(2);
    expect(lightning.invoices()).toHaveLength(3);
    expect([first, lightning.invoices()[1]]).toContain(asked[0]);
    expect(asked[1]).toBe(third);
  });

  it('is not paid for a tool either', async () => {
    const lightning = openLightning();
    const shop = openToolShop({ issuer: shortLivedFirst(lightning), uses: 2 });
    const { client, asked, passTime } = clientWithSlowWallet(lightning);
    const both = Promise.allSettled([client.callTool(shop.tool()), client.callTool(shop.tool())]);
    await passTime(61_000);
    const states = (await both).map(({ status }) => status);
    expect(states.toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(asked[1]).toBe(lightning.invoices()[2]);
  });
});

describe('an offer in the last moment of its invoice', () => {
  it.each([
    ['where nobody is asked', {}],
    ['before anybody is asked', { approve: () => expect.unreachable() }],
  ])('is refused %s, after one look for a fresh one, and nothing is written down', async (_, options) => {
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const nowMs = () => timestampSeconds * 1000 + 3_600_000 - 500;
    const seller = await startServer((_request, response) => {
      const { invoice, paymentHashHex } = invoiceWith({ timestampSeconds });
      challenge(response, mintToken({ paymentHashHex, expiresAtMs: nowMs() + 60_000 }), invoice);
    });
    const wallet = scriptedWallet();
    const store = temporaryStore();
    const clock = { nowMs, sleep: () => Promise.resolve() };
    const client = new L402Client({ wallet, store, clock, ...options });
    onTestFinished(() => client.close());
    const refused = { code: 'INVOICE_EXPIRED', fundsMoved: 'no' };
    expect(await client.tryFetch(`${seller.url}/item`)).toMatchObject(refused);
    expect(seller.seen).toHaveLength(2);
    await expect(client.obtain(`${seller.url}/item`)).rejects.toMatchObject(refused);
    expect(wallet.payments).toEqual([]);
    expect(store.journal.list()).toEqual([]);
  });
});

describe('asking for a fresh offer', () => {
  it('is done once, and for nothing but an offer that expired', async () => {
    const offers = createFreshOffers();
    const refused = (code: 'INVOICE_EXPIRED' | 'BUDGET_FROZEN') => Promise.reject(new SatwayError(code));
    await expect(offers.unlessExpired(refused('BUDGET_FROZEN'))).rejects.toMatchObject({ code: 'BUDGET_FROZEN' });
    expect(await offers.unlessExpired(Promise.resolve(5))).toBe(5);
    expect(await offers.unlessExpired(refused('INVOICE_EXPIRED'))).toBeNull();
    await expect(offers.unlessExpired(refused('INVOICE_EXPIRED'))).rejects.toMatchObject({ code: 'INVOICE_EXPIRED' });
  });
});
