// A price below the invoice, in every place in which a price can stand.
import { challengeHeader, mintToken, offer, opaqueToken } from '../offers.mjs';

const INVOICE_MSAT = 250_000_000;
const CLAIMED_MSAT = 1_000;
const REFUSED = ['OFFER_PRICE_MISMATCH'];

/** What each field says when it says one satoshi. */
const FIELDS = {
  priceSats: 1,
  amountSats: 1,
  price_sats: 1,
  amount_sats: 1,
  priceMsat: 1000,
  amountMsat: 1000,
  price_msat: 1000,
  amount_msat: 1000,
  price: 1,
  amount: 1,
};
const WRAPPERS = ['l402', 'L402', 'lsat', 'challenge', 'payment', 'data', 'detail'];
/** Prices that readers could understand in several ways; none of them is 250,000. */
const ODD_PRICES = {
  exponent: '1e0',
  hex: '0x1',
  negative: -1,
  list: [1],
  object: { sats: 1 },
  word: 'one',
  fraction: 0.5,
  yes: true,
};

/** Each claims one satoshi in one place, and asks for 250,000 with the invoice. */
function claim(name, makeOffer, more = {}) {
  return {
    name: `price below the invoice: ${name}`,
    approvedMsat: CLAIMED_MSAT,
    expect: REFUSED,
    naive: 'overpaid',
    async play(scene) {
      const seller = await scene.serve('seller', (_, response) => {
        const sold = scene.sell({ amountMsat: INVOICE_MSAT });
        makeOffer(response, { ...sold, opaque: scene.plant('token', opaqueToken(), ['seller']) });
      });
      const buyer = await scene.buyer();
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
    ...more,
  };
}

const inHeader = ['L402', 'LSAT'].flatMap((scheme) =>
  Object.entries(FIELDS).map(([field, value]) =>
    claim(`${scheme} header, ${field}`, (response, { token, invoice }) =>
      offer(response, { scheme, token, invoice, params: { [field]: value } }),
    ),
  ),
);

const inBody = Object.entries(FIELDS).map(([field, value]) =>
  claim(`JSON body, ${field}`, (response, { token, invoice }) =>
    offer(response, { token, invoice, body: { [field]: value } }),
  ),
);

const inWrapper = WRAPPERS.map((wrapper) =>
  claim(`JSON body, ${wrapper}.priceSats`, (response, { token, invoice }) =>
    offer(response, { token, invoice, body: { [wrapper]: { priceSats: 1 } } }),
  ),
);

const odd = Object.entries(ODD_PRICES).map(([name, priceSats]) =>
  claim(`JSON body, priceSats is ${name}`, (response, { token, invoice }) =>
    offer(response, { token, invoice, body: { priceSats } }),
  ),
);

/** Parameters of the `Payment` scheme, whose request says one satoshi. */
function paymentLine({ invoice, paymentHashHex, amount = '1', currency = 'sat' }) {
  const request = { amount, currency, methodDetails: { invoice, paymentHash: paymentHashHex, network: 'regtest' } };
  const encoded = Buffer.from(JSON.stringify(request)).toString('base64url');
  return `Payment id="aWQ", realm="seller", method="lightning", intent="charge", request="${encoded}"`;
}

function mcpBody({ token, invoice, paymentHashHex }) {
  const challenge = {
    version: 1,
    scheme: 'L402',
    token,
    invoice,
    paymentHash: paymentHashHex,
    amountMsat: CLAIMED_MSAT,
  };
  return {
    jsonrpc: '2.0',
    id: 1,
    result: { isError: true, content: [], _meta: { 'dev.satway/challenge': challenge } },
  };
}

const otherSchemes = [
  claim(
    'Payment scheme alone',
    (response, sold) => response.writeHead(402, { 'www-authenticate': paymentLine(sold) }).end(),
    // Only our own credentials can be sold here: a price in another scheme buys nothing.
    { expect: ['OFFER_UNREADABLE', 'OFFER_PRICE_MISMATCH'] },
  ),
  claim('Payment scheme beside L402, on a line of its own', (response, sold) =>
    offer(response, { ...sold, headers: { 'www-authenticate': [challengeHeader(sold), paymentLine(sold)] } }),
  ),
  claim('Payment scheme before L402, folded into one line', (response, sold) =>
    offer(response, { ...sold, headers: { 'www-authenticate': `${paymentLine(sold)}, ${challengeHeader(sold)}` } }),
  ),
  claim('Payment scheme beside L402, its amount no number', (response, sold) =>
    offer(response, {
      ...sold,
      headers: { 'www-authenticate': [challengeHeader(sold), paymentLine({ ...sold, amount: 'one' })] },
    }),
  ),
  claim('_meta of a tool result beside the header', (response, sold) =>
    offer(response, { ...sold, body: mcpBody(sold) }),
  ),
  claim('_meta at the top of the body', (response, sold) => offer(response, { ...sold, body: mcpBody(sold).result })),
];

const elsewhere = [
  claim('token', (response, { paymentHashHex, invoice }) =>
    offer(response, { invoice, token: mintToken({ paymentHashHex, priceMsat: CLAIMED_MSAT }) }),
  ),
  claim('token of a top-up', (response, { paymentHashHex, invoice }) =>
    offer(response, {
      invoice,
      token: mintToken({ paymentHashHex, priceMsat: CLAIMED_MSAT }),
      headers: { 'x-session-balance': '1', 'x-session-cost': '1' },
    }),
  ),
  claim('header and body name two prices, the body the right one', (response, { token, invoice }) =>
    offer(response, { token, invoice, params: { priceSats: 1 }, body: { priceSats: INVOICE_MSAT / 1000 } }),
  ),
  claim('header and body name two prices, the header the right one', (response, { token, invoice }) =>
    offer(response, { token, invoice, params: { priceSats: INVOICE_MSAT / 1000 }, body: { priceSats: 1 } }),
  ),
  claim('two fields of the body name two prices', (response, { token, invoice }) =>
    offer(response, { token, invoice, body: { priceSats: INVOICE_MSAT / 1000, amountSats: 1 } }),
  ),
  claim('opaque token, price in the header', (response, { opaque, invoice }) =>
    offer(response, { token: opaque, invoice, params: { priceSats: 1 } }),
  ),
  claim('challenge in the body alone', (response, { token, invoice }) =>
    response
      .writeHead(402, { 'content-type': 'application/json' })
      .end(JSON.stringify({ macaroon: token, invoice, priceSats: 1 })),
  ),
  claim(
    'header and body show two invoices, the cheap one in the header',
    (response, { token, invoice, cheap }) => offer(response, { token, invoice: cheap ?? invoice, body: { invoice } }),
    {
      expect: 'OFFER_UNREADABLE',
      async play(scene) {
        const seller = await scene.serve('seller', (_, response) => {
          const cheap = scene.sell({ amountMsat: CLAIMED_MSAT });
          const dear = scene.sell({ amountMsat: INVOICE_MSAT });
          cheap.offer(response, { body: { macaroon: dear.token, invoice: dear.invoice } });
        });
        const buyer = await scene.buyer();
        return (await buyer.call(`${seller.url}/item`)).outcome;
      },
    },
  ),
];

/** Here the buyer's own bound is what was approved. */
function bounded(name, { capSats, askMsat, expect, budgetSats = capSats }) {
  return {
    name: `above what was approved: ${name}`,
    approvedMsat: Math.min(capSats, budgetSats) * 1000,
    expect,
    naive: 'overpaid',
    async play(scene) {
      const seller = await scene.serve('seller', (_, response) => scene.sell({ amountMsat: askMsat }).offer(response));
      const buyer = await scene.buyer({ capSats, budgetSats });
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
  };
}

const aboveBounds = [
  bounded('one millisatoshi above the cap', { capSats: 10, askMsat: 10_001, expect: 'PRICE_ABOVE_LIMIT' }),
  bounded('a cap of 0 and 1 msat', { capSats: 0, askMsat: 1, expect: 'PRICE_ABOVE_LIMIT' }),
  bounded('one millisatoshi above the budget', {
    capSats: 100,
    budgetSats: 10,
    askMsat: 10_001,
    expect: 'BUDGET_EXHAUSTED',
  }),
  {
    name: 'above what was approved: ten calls at once that together pass the budget',
    approvedMsat: 12_000,
    payments: 2,
    expect: '2 answered, 8 BUDGET_EXHAUSTED',
    naive: 'overpaid',
    async play(scene) {
      const seller = await scene.serve('seller', (request, response) =>
        request.headers.authorization === undefined ? scene.sell().offer(response) : response.end('sold'),
      );
      const buyer = await scene.buyer({ capSats: 12, budgetSats: 12 });
      const calls = Array.from({ length: 10 }, (_, number) => buyer.call(`${seller.url}/item/${number}`));
      const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome);
      const count = (wanted) => outcomes.filter((outcome) => outcome === wanted).length;
      return `${count('HTTP 200')} answered, ${count('BUDGET_EXHAUSTED')} BUDGET_EXHAUSTED`;
    },
  },
];

export const priceCases = [...inHeader, ...inBody, ...inWrapper, ...odd, ...otherSchemes, ...elsewhere, ...aboveBounds];
