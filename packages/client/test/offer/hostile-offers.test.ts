import type { ServerResponse } from 'node:http';
import { formatL402Challenge } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { invoiceWith } from '../support/invoices.js';
import { challenge, mintToken, startServer } from '../support/seller.js';
import { scriptedWallet } from '../support/wallets.js';
import { temporaryStore } from '../temporary-store.js';

/** From the specification's invalid examples: 2500000001 pico-bitcoin is no whole number of millisatoshis. */
const SUB_MILLISATOSHI =
  'lnbc2500000001p1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpusp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs9qrsgq0lzc236j96a95uv0m3umg28gclm5lqxtqqwk32uuk4k6673k6n5kfvx3d2h8s295fad45fdhmusm8sjudfhlf6dcsxmfvkeywmjdkxcp99202x';

const now = () => Math.floor(Date.now() / 1000);

/** Asks a server for something and expects a refusal; gives back what happened to wallet and store. */
async function askHostile(answer: (response: ServerResponse) => unknown, options: Partial<L402ClientOptions> = {}) {
  const server = await startServer((_, response) => answer(response));
  const wallet = scriptedWallet();
  const store = temporaryStore();
  const limits = { perDaySats: 'off', perHostAndDaySats: 'off' } as const;
  const caps = { maxPerRequestSats: 1_000_000, budgetSats: 1_000_000, limits };
  const client = new L402Client({ wallet, store, ...caps, ...options });
  const result = await client.tryFetch(`${server.url}/item`);
  await client.close();
  const asked = wallet.payments.length + wallet.lookUps.length;
  return {
    result,
    asked,
    budget: store.budgets.state('default'),
    unfinished: store.journal.listUnfinished('wallet-a'),
  };
}

type Lie = [
  name: string,
  code: string,
  answer: (response: ServerResponse) => unknown,
  options?: Partial<L402ClientOptions>,
];

const lies: Lie[] = [
  [
    'says 1 sat and asks for 250,000',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 250_000_000n });
      challenge(response, mintToken({ paymentHashHex, priceMsat: 250_000_000 }), invoice, { priceSats: 1 });
    },
  ],
  [
    'says less in amountSats',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), invoice, { amountSats: 4 });
    },
  ],
  [
    'says less in price_sats',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), invoice, { price_sats: 4 });
    },
  ],
  [
    'says two prices, one of them right',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), invoice, { priceSats: 5, amountSats: 4 });
    },
  ],
  [
    'says less in the token',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex, priceMsat: 4999 }), invoice);
    },
  ],
  [
    'says less in a Payment challenge beside it',
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      const request = Buffer.from(JSON.stringify({ amount: '4', currency: 'sat' })).toString('base64url');
      response.appendHeader(
        'www-authenticate',
        `Payment id="a", method="lightning", intent="charge", request="${request}"`,
      );
      response.appendHeader(
        'www-authenticate',
        formatL402Challenge({ macaroonText: mintToken({ paymentHashHex }), invoice }),
      );
      response.writeHead(402).end();
    },
  ],
  [
    "says less in the _meta of a tool's result",
    'OFFER_PRICE_MISMATCH',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      const result = { _meta: { 'dev.satway/challenge': { amountMsat: 4000 } } };
      challenge(response, mintToken({ paymentHashHex }), invoice, { result });
    },
  ],
  [
    'names no amount',
    'INVOICE_AMOUNTLESS',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: null });
      challenge(response, mintToken({ paymentHashHex }), invoice, { priceSats: 5 });
    },
  ],
  [
    'asks for a fraction of a millisatoshi',
    'INVOICE_SUB_MILLISATOSHI',
    (response) => challenge(response, mintToken({ paymentHashHex: '01'.repeat(32) }), SUB_MILLISATOSHI),
  ],
  [
    'is on mainnet while the wallet is on regtest',
    'INVOICE_OTHER_NETWORK',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ network: 'bitcoin' });
      challenge(response, mintToken({ paymentHashHex }), invoice);
    },
  ],
  [
    'has expired',
    'INVOICE_EXPIRED',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ timestampSeconds: now() - 3601, expirySeconds: 3600 });
      challenge(response, mintToken({ paymentHashHex }), invoice);
    },
  ],
  [
    'has a token for another payment',
    'OFFER_HASH_MISMATCH',
    (response) => challenge(response, mintToken({ paymentHashHex: 'ab'.repeat(32) }), invoiceWith().invoice),
  ],
  [
    'has a token that dies before the invoice',
    'OFFER_TOKEN_EXPIRES_FIRST',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex, expiresAtMs: Date.now() + 60_000 }), invoice);
    },
  ],
  [
    'could lock the money for weeks',
    'INVOICE_FINAL_CLTV_TOO_LARGE',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ minFinalCltvExpiryDelta: 2016 });
      challenge(response, mintToken({ paymentHashHex }), invoice);
    },
  ],
  [
    'shows one invoice in the header and another in the body',
    'OFFER_UNREADABLE',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), invoice, { invoice: invoiceWith().invoice });
    },
  ],
  [
    'has an invoice with one letter changed',
    'INVOICE_MALFORMED',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), `${invoice.slice(0, -1)}${invoice.endsWith('q') ? 'p' : 'q'}`);
    },
  ],
  ['shows no challenge at all', 'OFFER_UNREADABLE', (response) => response.writeHead(402).end()],
  [
    'shows a challenge without an invoice',
    'OFFER_UNREADABLE',
    (response) => response.writeHead(402, { 'www-authenticate': 'L402 macaroon="AgEE"' }).end(),
  ],
  [
    'shows another scheme only',
    'OFFER_UNREADABLE',
    (response) => response.writeHead(402, { 'www-authenticate': 'Basic realm="pay"' }).end(),
  ],
  [
    'shows a thousand challenges',
    'OFFER_UNREADABLE',
    (response) =>
      response.writeHead(402, { 'www-authenticate': Array.from({ length: 1000 }, () => 'L402 a=b').join(', ') }).end(),
  ],
  [
    'sends a body of 26 MB on one line',
    'OFFER_UNREADABLE',
    (response) => {
      response.writeHead(402).end('x'.repeat(26_000_000));
    },
  ],
  [
    'puts 26 MB behind a good challenge',
    'OFFER_UNREADABLE',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      const macaroonText = mintToken({ paymentHashHex });
      const line = `L402 macaroon="${macaroonText}", invoice="${invoice}", version="0", token="${macaroonText}"`;
      response.writeHead(402, { 'www-authenticate': line }).end('x'.repeat(26_000_000));
    },
  ],
  [
    'is dearer than one request may be',
    'PRICE_ABOVE_LIMIT',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 5001n });
      challenge(response, mintToken({ paymentHashHex, priceMsat: 5001 }), invoice);
    },
    { maxPerRequestSats: 5 },
  ],
  [
    'costs 1 msat where a request may cost 0',
    'PRICE_ABOVE_LIMIT',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 1n });
      challenge(response, mintToken({ paymentHashHex, priceMsat: 1 }), invoice);
    },
    { maxPerRequestSats: 0 },
  ],
  [
    'costs 1 msat where the budget is 0',
    'BUDGET_EXHAUSTED',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 1n });
      challenge(response, mintToken({ paymentHashHex, priceMsat: 1 }), invoice);
    },
    { budgetSats: 0 },
  ],
  [
    'is not approved',
    'APPROVAL_DENIED',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith();
      challenge(response, mintToken({ paymentHashHex }), invoice);
    },
    { approve: () => false },
  ],
  [
    'costs more than 100 sats where nothing is configured',
    'PRICE_ABOVE_LIMIT',
    (response) => {
      const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 100_001n });
      challenge(response, mintToken({ paymentHashHex, priceMsat: 100_001 }), invoice);
    },
    { maxPerRequestSats: undefined as never },
  ],
];

describe('an offer', () => {
  it.each(lies)('that %s is refused with %s, and the wallet is never asked', async (_, code, answer, options) => {
    const { result, asked, budget, unfinished } = await askHostile(answer, options);
    expect(result).toMatchObject({ ok: false, code, fundsMoved: 'no' });
    expect(asked).toBe(0);
    expect(budget).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
    expect(unfinished).toEqual([]);
  });

  it('that drips is cut off at the time limit, whole exchange counted', async () => {
    const { result, asked } = await askHostile(
      (response) => {
        response.writeHead(402, { 'www-authenticate': 'L402 macaroon="x", invoice="y"' });
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      },
      { exchangeTimeoutMs: 250 },
    );
    expect(result).toMatchObject({ ok: false, code: 'EGRESS_TIMEOUT' });
    expect(asked).toBe(0);
  });

  it('that is too dear is not even shown to an approver', async () => {
    const { invoice, paymentHashHex } = invoiceWith();
    const shown: unknown[] = [];
    const approve = (request: unknown) => shown.push(request) > 0;
    const { result } = await askHostile((response) => challenge(response, mintToken({ paymentHashHex }), invoice), {
      approve,
      maxPerRequestSats: 4,
    });
    expect(result).toMatchObject({ ok: false, code: 'PRICE_ABOVE_LIMIT' });
    expect(shown).toEqual([]);
  });

  it('is not believed when an approver throws', async () => {
    const { invoice, paymentHashHex } = invoiceWith();
    const approve = () => Promise.reject(new TypeError('the page is gone'));
    const { result, asked, unfinished } = await askHostile(
      (response) => challenge(response, mintToken({ paymentHashHex }), invoice),
      { approve },
    );
    expect(result).toMatchObject({ ok: false, code: 'APPROVAL_DENIED', fundsMoved: 'no' });
    expect(asked + unfinished.length).toBe(0);
  });
});
