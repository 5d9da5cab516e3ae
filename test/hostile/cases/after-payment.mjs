// Sellers who misbehave once they were paid: they ask again, raise the price, go away, or never come to an end.
import { setTimeout as passTime } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { isPaid } from '../offers.mjs';

const PRICE_MSAT = 5_000;
const YEAR_SECONDS = 31_536_000;
const IMPATIENT = { exchangeTimeoutMs: 4_000 };

/**
 * One purchase for five satoshis, and what the seller does afterwards.
 *
 * @param afterwards - answers a request that shows the payment; gets how many of those there were.
 */
function paidOnce(name, expect, afterwards, { calls = 1, naive = 'overpaid', client, init, payments = 1 } = {}) {
  return {
    name: `after the payment: ${name}`,
    approvedMsat: PRICE_MSAT * payments,
    payments,
    expect,
    naive,
    async play(scene) {
      let paidRequests = 0;
      const seller = await scene.serve('seller', (request, response) => {
        if (!isPaid(request)) return scene.sell().offer(response);
        paidRequests += 1;
        return afterwards({ scene, request, response, count: paidRequests });
      });
      const buyer = await scene.buyer({ capSats: 1_000, client });
      const outcomes = [];
      for (let call = 0; call < calls; call++) outcomes.push((await buyer.call(`${seller.url}/item`, init)).outcome);
      return outcomes.join(', ');
    },
  };
}

const asksAgain = [
  paidOnce('a second 402', 'PAID_CREDENTIAL_REFUSED', ({ scene, response }) => scene.sell().offer(response)),
  paidOnce(
    'a second 402, and the same call again',
    'PAID_CREDENTIAL_REFUSED, SELLER_STOPPED',
    ({ scene, response }) => scene.sell().offer(response),
    { calls: 2 },
  ),
  paidOnce(
    'a second 402, and the same Idempotency-Key again',
    /^PAID_CREDENTIAL_REFUSED, (?:REDEMPTION_REFUSED|SELLER_STOPPED|PAID_CREDENTIAL_REFUSED)$/,
    ({ scene, response }) => scene.sell().offer(response),
    { calls: 2, init: { headers: { 'Idempotency-Key': 'one-call-and-no-other-0123456789' } } },
  ),
  paidOnce('a dearer 402', 'PAID_CREDENTIAL_REFUSED', ({ scene, response }) =>
    scene.sell({ amountMsat: 50_000 }).offer(response),
  ),
  paidOnce('a cheaper 402', 'PAID_CREDENTIAL_REFUSED', ({ scene, response }) =>
    scene.sell({ amountMsat: 1 }).offer(response),
  ),
  paidOnce('a 401 with a challenge', 'PAID_CREDENTIAL_REFUSED', ({ scene, response }) =>
    scene.sell().offer(response, { status: 401 }),
  ),
  paidOnce('a 402 that says the credential was charged', 'PAID_CREDENTIAL_REFUSED', ({ scene, response }) =>
    scene.sell().offer(response, { headers: { 'x-payment-outcome': 'charged' } }),
  ),
  paidOnce('a 200 with another challenge', 'HTTP 200', ({ scene, response }) =>
    scene.sell().offer(response, { status: 200 }),
  ),
  paidOnce('a 404 with another challenge', 'HTTP 404', ({ scene, response }) =>
    scene.sell().offer(response, { status: 404 }),
  ),
  paidOnce(
    'a redirect to a place that asks again',
    /^(?:HTTP 402|PAID_CREDENTIAL_REFUSED|REDEMPTION_REFUSED)$/,
    ({ scene, request, response }) =>
      request.url === '/more'
        ? scene.sell().offer(response)
        : response.writeHead(302, { location: '/more', 'x-payment-outcome': 'charged' }).end(),
  ),
];

/** The buyer waits no longer than it is ready to, and pays nobody a second time for it. */
const goesAway = [
  paidOnce(
    'Retry-After of a year',
    'CLAIM_STILL_RUNNING',
    ({ response }) => response.writeHead(409, { 'retry-after': String(YEAR_SECONDS) }).end(),
    { naive: null },
  ),
  paidOnce(
    'Retry-After of more seconds than a number holds',
    'CLAIM_STILL_RUNNING',
    ({ response }) => response.writeHead(409, { 'retry-after': '9'.repeat(400) }).end(),
    { naive: null },
  ),
  paidOnce(
    'busy for ever',
    'CLAIM_STILL_RUNNING',
    ({ response }) => response.writeHead(409, { 'retry-after': '0' }).end(),
    { naive: null },
  ),
  paidOnce(
    'failed and given back for ever',
    'HTTP 503',
    ({ response }) =>
      response
        .writeHead(503, {
          'retry-after': '0',
          'x-payment-code': 'upstream_failed_retryable',
          'x-payment-outcome': 'released',
        })
        .end(),
    { naive: null },
  ),
  paidOnce(
    'a 500, and the same call again',
    'HTTP 500, HTTP 200',
    ({ response, count }) => response.writeHead(count === 1 ? 500 : 200).end(),
    { calls: 2, naive: null },
  ),
  paidOnce(
    'the connection ends',
    'ANSWER_LOST, HTTP 200',
    ({ response, count }) => (count <= 2 ? response.destroy() : response.end('sold')),
    { calls: 2, naive: null },
  ),
  paidOnce(
    'an answer that drips',
    'ANSWER_LOST',
    async ({ response }) => {
      response.writeHead(200, { 'content-length': '1000' });
      while (!response.destroyed) {
        response.write('x');
        await passTime(50);
      }
    },
    { naive: null, client: IMPATIENT },
  ),
  paidOnce('no answer at all, and the same call again', 'ANSWER_LOST, ANSWER_LOST', () => undefined, {
    calls: 2,
    naive: null,
    client: IMPATIENT,
  }),
  paidOnce(
    'a gzip bomb',
    /^(?:HTTP 200|EGRESS_TOO_LARGE|ANSWER_LOST)$/,
    ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
    { naive: null, client: { maxResponseBytes: 1_000_000 } },
  ),
  paidOnce(
    'server-sent events without an end',
    'EGRESS_TIMEOUT',
    async ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (!response.destroyed) {
        response.write('data: more\n\n');
        await passTime(50);
      }
    },
    { naive: null, client: IMPATIENT },
  ),
  paidOnce('a body above the limit', 'EGRESS_TOO_LARGE', ({ response }) => response.end(Buffer.alloc(2_000_000)), {
    naive: null,
    client: { maxResponseBytes: 1_000_000 },
  }),
];

/** The buyer saw one price, and another one is asked for when it comes back to pay. */
const raised = {
  name: 'a price that rises between preview and payment',
  approvedMsat: PRICE_MSAT,
  expect: /^PRICE_ABOVE_LIMIT, then PRICE_ABOVE_LIMIT$/,
  naive: 'overpaid',
  async play(scene) {
    const seller = await scene.serve('seller', ({ number }, response) =>
      scene.sell({ amountMsat: number === 1 ? PRICE_MSAT : PRICE_MSAT * 10 }).offer(response),
    );
    const buyer = await scene.buyer({ capSats: 1_000 });
    // The first look pays nothing, whatever the price is.
    const preview = await buyer.call(`${seller.url}/item`, undefined, { maxCostSats: 0 });
    const paid = await buyer.call(`${seller.url}/item`, undefined, { maxCostSats: PRICE_MSAT / 1000 });
    return `${preview.outcome}, then ${paid.outcome}`;
  },
};

/** What was said yes to is one invoice; the seller shows another one to whoever asks once more. */
const boundYes = {
  name: 'another invoice while a person is being asked',
  approvedMsat: PRICE_MSAT,
  expect: 'HTTP 200',
  naive: null,
  async play(scene) {
    let asked = 0;
    const seller = await scene.serve('seller', (request, response) => {
      if (isPaid(request)) return response.end('sold');
      asked += 1;
      return scene.sell({ amountMsat: asked === 1 ? PRICE_MSAT : PRICE_MSAT * 10 }).offer(response);
    });
    const approve = async ({ amountMsat }) => {
      await askAlongside(seller.url);
      return amountMsat === PRICE_MSAT;
    };
    const buyer = await scene.buyer({ capSats: 1_000, client: { approve } });
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
};

/** Somebody else asks the seller in the meantime. */
async function askAlongside(url) {
  await fetch(url).then((response) => response.text());
}

/** A seller hands out one invoice for everything, so that one payment is asked for again and again. */
const sameInvoice = {
  name: 'one invoice for two calls',
  approvedMsat: PRICE_MSAT,
  expect: 'HTTP 200, PAYMENT_HASH_REUSED',
  naive: null,
  async play(scene) {
    const sold = scene.sell();
    const seller = await scene.serve('seller', (request, response) =>
      isPaid(request) ? response.end('sold') : sold.offer(response),
    );
    const buyer = await scene.buyer({ capSats: 1_000 });
    const first = await buyer.call(`${seller.url}/item/1`);
    const second = await buyer.call(`${seller.url}/item/2`);
    return `${first.outcome}, ${second.outcome}`;
  },
};

export const afterPaymentCases = [...asksAgain, ...goesAway, raised, boundYes, sameInvoice];
