import type { TryFetchResult } from '@satway/client';
import { describe, expect, it } from 'vitest';
import { openClient } from './support/buyer.js';
import {
  type ForeignForm,
  type ForeignSellerOptions,
  type OfferParts,
  startForeignSeller,
} from './support/foreign-seller.js';
import { type Lightning, openLightning } from './support/lightning.js';
import { apertureToken, opaqueToken } from './support/tokens.js';

type Form = (offer: OfferParts) => ForeignForm;

/** One header line and no body. */
const line =
  (write: (offer: OfferParts) => string): Form =>
  (offer) => ({ lines: [write(offer)] });

const inBody = (write: (offer: OfferParts) => object, lines: readonly string[] = []): Form => {
  return (offer) => ({ lines, body: JSON.stringify(write(offer)) });
};

/** Every character escaped, as RFC 9110 allows in a quoted string. */
const escaped = (text: string): string => text.replaceAll(/./g, '\\$&');

const PAYMENT =
  'Payment id="a1", realm="acme", method="lightning", intent="charge", request="eyJhIjoxfQ", expires="2030-01-01T00:00:00Z"';

const forms: readonly (readonly [name: string, write: Form])[] = [
  ['the form of the specification', line(({ token, invoice }) => `L402 macaroon="${token}", invoice="${invoice}"`)],
  ['the invoice first', line(({ token, invoice }) => `L402 invoice="${invoice}", macaroon="${token}"`)],
  [
    'other parameters around',
    line(
      ({ token, invoice }) => `L402 realm="a, b=c", version="0", macaroon="${token}", price="5", invoice="${invoice}"`,
    ),
  ],
  [
    'token= in place of macaroon=',
    line(({ token, invoice }) => `L402 version="0", token="${token}", invoice="${invoice}"`),
  ],
  ['a comma left out', line(({ token, invoice }) => `L402 version="0" token="${token}", invoice="${invoice}"`)],
  ['no space after commas', line(({ token, invoice }) => `L402 macaroon="${token}",invoice="${invoice}"`)],
  ['the old name', line(({ token, invoice }) => `LSAT macaroon="${token}", invoice="${invoice}"`)],
  ['lower case', line(({ token, invoice }) => `l402 Macaroon="${token}", INVOICE="${invoice}"`)],
  [
    'LSAT before L402, as two lines',
    ({ token, invoice }) => ({
      lines: [`LSAT macaroon="${token}", invoice="${invoice}"`, `L402 macaroon="${token}", invoice="${invoice}"`],
    }),
  ],
  [
    'LSAT before L402, folded into one line',
    line(
      ({ token, invoice }) =>
        `LSAT macaroon="${token}", invoice="${invoice}", L402 macaroon="${token}", invoice="${invoice}"`,
    ),
  ],
  [
    'another scheme first, folded',
    line(({ token, invoice }) => `Bearer realm="acme", ${PAYMENT}, L402 macaroon="${token}", invoice="${invoice}"`),
  ],
  [
    'another scheme after, folded',
    line(({ token, invoice }) => `L402 macaroon="${token}", invoice="${invoice}", ${PAYMENT}, Basic realm="x"`),
  ],
  [
    'other schemes on lines of their own',
    ({ token, invoice }) => ({ lines: ['Bearer', PAYMENT, `L402 macaroon="${token}", invoice="${invoice}"`] }),
  ],
  ['bare values', line(({ token, invoice }) => `L402 macaroon=${token}, invoice=${invoice}`)],
  ['bare values without a comma', line(({ token, invoice }) => `L402 macaroon=${token} invoice=${invoice}`)],
  [
    'white space wherever it may stand',
    line(({ token, invoice }) => `\t, ,L402   macaroon = "${token}" ,\tinvoice\t=\t"${invoice}" ,`),
  ],
  [
    'challenges with a bare token first, folded',
    line(
      ({ token, invoice }) =>
        `Negotiate, NTLM TlRMTVNTUA==, Negotiate YII, L402 macaroon="${token}", invoice="${invoice}"`,
    ),
  ],
  ['quoted pairs', line(({ token, invoice }) => `L402 macaroon="${escaped(token)}", invoice="${escaped(invoice)}"`)],
  [
    'an upper-case invoice',
    line(({ token, invoice }) => `L402 macaroon="${token}", invoice="${invoice.toUpperCase()}"`),
  ],
  [
    'no invoice in the header, but in the body',
    ({ token, invoice }) => ({ lines: [`L402 macaroon="${token}"`], body: JSON.stringify({ invoice }) }),
  ],
  [
    'a challenge without an invoice before a whole one',
    ({ token, invoice }) => ({ lines: [`LSAT macaroon="${token}"`, `L402 macaroon="${token}", invoice="${invoice}"`] }),
  ],
  ['nothing in the header', inBody(({ token, invoice }) => ({ macaroon: token, invoice }))],
  [
    'nothing of use in the header',
    inBody(({ token, invoice }) => ({ macaroon: token, paymentRequest: invoice }), ['Bearer realm="acme"']),
  ],
  ['the body, wrapped', inBody(({ token, invoice }) => ({ error: 'pay first', l402: { token, invoice } }))],
  [
    'the body with its price',
    inBody(({ token, invoice }) => ({ macaroon: token, invoice, priceSats: 5, amountSats: 5 })),
  ],
];

const mints: readonly (readonly [name: string, mint: (paymentHashHex: string) => string])[] = [
  ['a macaroon', (paymentHashHex) => apertureToken(paymentHashHex)],
  ['an opaque token', () => opaqueToken()],
];

interface Purchase {
  readonly lightning: Lightning;
  readonly result: TryFetchResult;
  readonly authorizations: readonly string[];
}

/** Buys from a foreign seller with our own client. */
async function buy(options: Omit<ForeignSellerOptions, 'seller'>): Promise<Purchase> {
  const lightning = openLightning();
  const { url, authorizations } = await startForeignSeller({ ...options, seller: lightning.seller });
  const result = await openClient(lightning.buyer).tryFetch(`${url}/thing`);
  return { lightning, result, authorizations };
}

describe.each(mints)('from a seller with %s', (_name, mint) => {
  it.each(forms)('our client buys when the offer has %s', async (_form, write) => {
    const { lightning, result, authorizations } = await buy({ write, mint });
    expect(result).toMatchObject({ ok: true, payment: { paidMsat: 5_000, source: 'bought' } });
    expect(result.ok && (await result.response.json())).toEqual({ served: true });
    expect(lightning.paidMsat()).toEqual([5_000]);
    expect(authorizations).toHaveLength(1);
  });
});

const plain: Form = line(({ token, invoice }) => `L402 macaroon="${token}", invoice="${invoice}"`);
const priced =
  (body: object): Form =>
  (offer) => ({ ...plain(offer), body: JSON.stringify(body) });
const OTHER_HASH_HEX = 'ab'.repeat(32);
/** The coffee of the BOLT 11 examples. */
const OTHER_INVOICE =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh';

const lies: readonly (readonly [name: string, code: string, options: Omit<ForeignSellerOptions, 'seller'>])[] = [
  [
    'says 1 sat and asks for 250,000',
    'OFFER_PRICE_MISMATCH',
    { amountMsat: 250_000_000, write: priced({ priceSats: 1 }), mint: () => opaqueToken() },
  ],
  [
    'says 1 sat in the body that carries the challenge',
    'OFFER_PRICE_MISMATCH',
    {
      amountMsat: 250_000_000,
      write: inBody(({ token, invoice }) => ({ macaroon: token, invoice, price_sats: 1 })),
      mint: () => opaqueToken(),
    },
  ],
  [
    'says 4 sats in one field and 5 in another',
    'OFFER_PRICE_MISMATCH',
    { write: priced({ priceSats: 5, amountSats: 4 }), mint: () => opaqueToken() },
  ],
  [
    'says 1 sat in the header',
    'OFFER_PRICE_MISMATCH',
    {
      amountMsat: 250_000_000,
      write: line(({ token, invoice }) => `L402 macaroon="${token}", invoice="${invoice}", amount="1"`),
      mint: () => opaqueToken(),
    },
  ],
  [
    'says 5 sats in the header and 4 in the body',
    'OFFER_PRICE_MISMATCH',
    {
      amountMsat: 5_000,
      write: (offer) => ({ lines: plain(offer).lines.map((text) => `${text}, price_sats=5`), body: '{"priceSats":4}' }),
      mint: () => opaqueToken(),
    },
  ],
  [
    'names two prices and asks for the lower one',
    'OFFER_PRICE_MISMATCH',
    { amountMsat: 4_000, write: priced({ priceSats: 5, amountSats: 4 }), mint: () => opaqueToken() },
  ],
  [
    'gives a token for another payment',
    'OFFER_HASH_MISMATCH',
    { write: plain, mint: () => apertureToken(OTHER_HASH_HEX) },
  ],
  [
    'gives a token that expires before its invoice',
    'OFFER_TOKEN_EXPIRES_FIRST',
    {
      write: plain,
      mint: (hash) =>
        apertureToken(hash, ['services=acme:0', `acme_valid_until=${Math.floor(Date.now() / 1000) + 60}`]),
    },
  ],
  [
    'shows one invoice in the header and another in the body',
    'OFFER_UNREADABLE',
    {
      write: (offer) => ({ ...plain(offer), body: JSON.stringify({ invoice: OTHER_INVOICE }) }),
      mint: () => opaqueToken(),
    },
  ],
  [
    'names no invoice at all',
    'OFFER_UNREADABLE',
    { write: line(({ token }) => `L402 macaroon="${token}"`), mint: () => opaqueToken() },
  ],
  [
    'names no token at all',
    'OFFER_UNREADABLE',
    { write: line(({ invoice }) => `L402 invoice="${invoice}"`), mint: () => opaqueToken() },
  ],
  ['sells by another scheme only', 'OFFER_UNREADABLE', { write: line(() => PAYMENT), mint: () => opaqueToken() }],
];

describe('our client pays nothing to a seller who', () => {
  it.each(lies)('%s', async (_name, code, options) => {
    const { lightning, result, authorizations } = await buy(options);
    expect(result).toMatchObject({ ok: false, code, fundsMoved: 'no' });
    expect(lightning.paymentCount()).toBe(0);
    expect(authorizations).toEqual([]);
  });

  it('asks for more than one request may cost', async () => {
    const { lightning, result } = await buy({ amountMsat: 2_000_000_000, write: plain, mint: () => opaqueToken() });
    expect(result).toMatchObject({ ok: false, code: 'PRICE_ABOVE_LIMIT' });
    expect(lightning.paymentCount()).toBe(0);
  });
});
