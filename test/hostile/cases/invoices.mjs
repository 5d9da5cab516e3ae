// Invoices that must not be paid. The wallet of these cases would pay every one of them.
import { EXAMPLE_HASH, nowSeconds, SUB_MILLISATOSHI, WITHOUT_SECRET, withBadSignature } from '../invoices.mjs';
import { mintToken, offer, opaqueToken } from '../offers.mjs';

const CENTURY_SECONDS = 3_155_760_000;
const LONGER_THAN_DATES_SECONDS = 2 ** 35 - 1;

/** @param make - gives the parts of an offer whose invoice has something wrong. */
function refused(name, expect, make, more = {}) {
  return {
    name: `invoice: ${name}`,
    approvedMsat: 0,
    expect,
    naive: 'overpaid',
    async play(scene) {
      const seller = await scene.serve('seller', (_, response) => {
        const { paymentHashHex, priceMsat = 5000, token, ...rest } = make(scene);
        offer(response, { token: token ?? mintToken({ paymentHashHex, priceMsat }), ...rest });
      });
      const buyer = await scene.buyer();
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
    ...more,
  };
}

function forgedWith(changes, more = {}) {
  return (scene) => ({ ...scene.forged(changes), ...more });
}

/** An example of the specification, which has a twin in the wallet's books. */
function example(invoice) {
  return (scene) => {
    scene.twin(invoice);
    return { invoice, paymentHashHex: EXAMPLE_HASH, priceMsat: 250_000_000 };
  };
}

export const invoiceCases = [
  refused('no amount', 'INVOICE_AMOUNTLESS', forgedWith({ amountMsat: null })),
  refused(
    'no amount, while the header names a price',
    'INVOICE_AMOUNTLESS',
    forgedWith({ amountMsat: null }, { params: { priceSats: 5 } }),
  ),
  refused(
    'a whole bitcoin for a price of one satoshi',
    'OFFER_PRICE_MISMATCH',
    forgedWith({ amountMsat: 100_000_000_000n }, { priceMsat: 100_000_000_000, body: { priceSats: 1 } }),
  ),
  refused(
    'a whole bitcoin above the cap',
    'PRICE_ABOVE_LIMIT',
    forgedWith({ amountMsat: 100_000_000_000n }, { priceMsat: 100_000_000_000 }),
  ),
  refused(
    '20m, which is not 20 satoshis',
    'OFFER_PRICE_MISMATCH',
    forgedWith({ amountMsat: 2_000_000_000n }, { priceMsat: 2_000_000_000, body: { priceSats: 20 } }),
  ),
  refused('a fraction of a millisatoshi', 'INVOICE_SUB_MILLISATOSHI', example(SUB_MILLISATOSHI)),
  refused('no payment secret', /^INVOICE_/, example(WITHOUT_SECRET)),
  ...['bitcoin', 'testnet', 'signet'].map((network) =>
    refused(`on ${network} while the wallet is on regtest`, 'INVOICE_OTHER_NETWORK', forgedWith({ network })),
  ),
  refused(
    'expired a second ago',
    'INVOICE_EXPIRED',
    forgedWith({ timestampSeconds: nowSeconds() - 61, expirySeconds: 60 }),
  ),
  refused('made before Bitcoin was', 'INVOICE_EXPIRED', forgedWith({ timestampSeconds: 1 })),
  refused(
    'good for a hundred years, its token for four hours',
    'OFFER_TOKEN_EXPIRES_FIRST',
    forgedWith({ expirySeconds: CENTURY_SECONDS }),
  ),
  refused(
    'good for longer than dates can be counted',
    /^(?:INVOICE_|OFFER_)/,
    forgedWith({ expirySeconds: LONGER_THAN_DATES_SECONDS }),
  ),
  refused("of another payment than the token's", 'OFFER_HASH_MISMATCH', (scene) => ({
    ...scene.forged({}),
    token: mintToken({ paymentHashHex: 'ab'.repeat(32) }),
  })),
  refused('signed by somebody else than the payee whom it names', 'INVOICE_SIGNATURE_INVALID', (scene) => {
    const good = scene.forged({ namePayee: true });
    const invoice = withBadSignature(good.invoice);
    scene.twin(invoice);
    return { ...good, invoice };
  }),
  refused('with a letter that was changed', 'INVOICE_MALFORMED', (scene) => {
    const good = scene.forged({});
    const invoice = `${good.invoice.slice(0, -1)}${good.invoice.endsWith('q') ? 'p' : 'q'}`;
    scene.twin(invoice);
    return { ...good, invoice };
  }),
  refused(
    'that could lock the money for weeks',
    'INVOICE_FINAL_CLTV_TOO_LARGE',
    forgedWith({ minFinalCltvExpiryDelta: 2016 }),
  ),
  refused('in upper and lower case at once', /^(?:INVOICE_|OFFER_)/, (scene) => {
    const { invoice: good, ...rest } = scene.forged({ network: 'testnet' });
    const invoice = `${good.slice(0, 10)}${good.slice(10).toUpperCase()}`;
    scene.twin(invoice);
    return { ...rest, invoice };
  }),
  refused('with an opaque token and no amount', 'INVOICE_AMOUNTLESS', (scene) => ({
    ...scene.forged({ amountMsat: null }),
    token: opaqueToken(),
  })),
];
