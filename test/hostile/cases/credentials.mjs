// Sellers who want what belongs to other sellers: their invoices, their credentials, their names.
import { isPaid, offer } from '../offers.mjs';

/** A seller where something is really sold, and a thief with the same words on its door. */
async function openShops(scene, { uses = 1, thief }) {
  const seller = await scene.serve('seller', (request, response) =>
    isPaid(request)
      ? response.writeHead(200, { 'x-payment-outcome': 'charged' }).end('sold')
      : scene.sell({ uses }).offer(response),
  );
  const robber = await scene.serve('thief', (request, response) => thief({ scene, request, response }));
  return { seller, robber };
}

const credentialCases = [
  {
    name: "another seller's invoice, which is paid already",
    approvedMsat: 5_000,
    expect: 'HTTP 200, PAYMENT_HASH_REUSED',
    naive: 'leaked',
    async play(scene) {
      const sold = scene.sell();
      const seller = await scene.serve('seller', (request, response) =>
        isPaid(request) ? response.end('sold') : sold.offer(response),
      );
      const thief = await scene.serve('thief', (_, response) => sold.offer(response));
      // The thief knows the token, as everybody does who asks the seller.
      scene.secrets.splice(
        scene.secrets.findIndex(({ value }) => value === sold.token),
        1,
      );
      const buyer = await scene.buyer();
      const first = await buyer.call(`${seller.url}/item`);
      const second = await buyer.call(`${thief.url}/item`);
      return `${first.outcome}, ${second.outcome}`;
    },
  },
  {
    name: "another seller's invoice, while it is being paid",
    approvedMsat: 5_000,
    expect: 'HTTP 200, PAYMENT_HASH_REUSED',
    naive: null,
    async play(scene) {
      const sold = scene.sell();
      scene.secrets.splice(
        scene.secrets.findIndex(({ value }) => value === sold.token),
        1,
      );
      scene.network.addFault('buyer', { kind: 'slow', delayMs: 300 });
      const seller = await scene.serve('seller', (request, response) =>
        isPaid(request) ? response.end('sold') : sold.offer(response),
      );
      const thief = await scene.serve('thief', (_, response) => sold.offer(response));
      const buyer = await scene.buyer();
      const sent = scene.nextPayment();
      const first = buyer.call(`${seller.url}/item`);
      await sent;
      const second = await buyer.call(`${thief.url}/item`);
      return `${(await first).outcome}, ${second.outcome}`;
    },
  },
  {
    name: 'a credential with uses left, at another host of the same tenant and endpoint',
    approvedMsat: 5_000,
    expect: 'HTTP 200, HTTP 200, PRICE_ABOVE_LIMIT',
    naive: 'leaked',
    async play(scene) {
      const { seller, robber } = await openShops(scene, {
        uses: 3,
        thief: ({ response }) => scene.sell({ amountMsat: 500_000, at: 'thief', uses: 3 }).offer(response),
      });
      const buyer = await scene.buyer({ capSats: 10 });
      const outcomes = [];
      for (const url of [seller.url, seller.url, robber.url]) outcomes.push((await buyer.call(`${url}/item`)).outcome);
      return outcomes.join(', ');
    },
  },
  {
    name: 'a credential with uses left, at the same host on another port',
    approvedMsat: 5_000,
    expect: 'HTTP 200, HTTP 404',
    naive: 'leaked',
    async play(scene) {
      const { seller, robber } = await openShops(scene, {
        uses: 3,
        thief: ({ response }) => response.writeHead(404).end(),
      });
      const buyer = await scene.buyer();
      const first = await buyer.call(`${seller.url}/item`);
      const second = await buyer.call(`${robber.url}/item`);
      return `${first.outcome}, ${second.outcome}`;
    },
  },
  {
    name: 'a credential with uses left, when its seller sends the buyer on',
    approvedMsat: 5_000,
    expect: 'HTTP 200, HTTP 200',
    naive: 'leaked',
    async play(scene) {
      const thief = await scene.serve('thief', (_, response) => response.end('got it'));
      const seller = await scene.serve('seller', (request, response) => {
        if (!isPaid(request)) return scene.sell({ uses: 3 }).offer(response);
        if (request.number < 3) return response.writeHead(200, { 'x-payment-outcome': 'charged' }).end('sold');
        return response.writeHead(302, { location: thief.url }).end();
      });
      const buyer = await scene.buyer();
      const first = await buyer.call(`${seller.url}/item`);
      const second = await buyer.call(`${seller.url}/item`);
      return `${first.outcome}, ${second.outcome}`;
    },
  },
  {
    name: 'an invoice that somebody else was asked for, with an opaque token',
    approvedMsat: 0,
    expect: 'PRICE_ABOVE_LIMIT',
    naive: 'overpaid',
    async play(scene) {
      const thief = await scene.serve('thief', (_, response) =>
        offer(response, { token: 'opaque', invoice: scene.sell({ amountMsat: 1_000_000 }).invoice }),
      );
      const buyer = await scene.buyer({ capSats: 10 });
      return (await buyer.call(`${thief.url}/item`)).outcome;
    },
  },
];

/** Names that mean something to a language rather than to a seller. */
const SPOILT = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

const spoiltPaths = SPOILT.map((name) => ({
  name: `path and header named ${name}`,
  approvedMsat: 5_000,
  expect: 'HTTP 200, HTTP 404',
  naive: 'leaked',
  async play(scene) {
    const { seller, robber } = await openShops(scene, {
      uses: 3,
      thief: ({ response }) => response.writeHead(404).end(),
    });
    const buyer = await scene.buyer();
    const headers = { 'x-tenant': name };
    const first = await buyer.call(`${seller.url}/${name}?${name}=1`, { headers });
    const second = await buyer.call(`${robber.url}/${name}?${name}=1`, { headers });
    return `${first.outcome}, ${second.outcome}`;
  },
}));

const spoiltBodies = SPOILT.map((name) => ({
  name: `challenge in a body under ${name}`,
  approvedMsat: 0,
  expect: 'OFFER_UNREADABLE',
  naive: 'overpaid',
  async play(scene) {
    const seller = await scene.serve('seller', (_, response) => {
      const { token, invoice } = scene.sell();
      const text = `{${JSON.stringify(name)}:${JSON.stringify({ macaroon: token, invoice })}}`;
      response.writeHead(402, { 'content-type': 'application/json' }).end(text);
    });
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
}));

/** A host that is a word of the language: nothing in any table answers to it. */
const spoiltHosts = ['__proto__', 'constructor'].map((name) => ({
  name: `host named ${name}`,
  approvedMsat: 5_000,
  expect: /^HTTP 200, EGRESS_/,
  naive: null,
  async play(scene) {
    const { seller } = await openShops(scene, { uses: 3, thief: ({ response }) => response.end() });
    const buyer = await scene.buyer();
    const first = await buyer.call(`${seller.url}/item`);
    const second = await buyer.call(`http://${name}.invalid/item`);
    return `${first.outcome}, ${second.outcome}`;
  },
}));

const spoiltEndpoints = ['constructor', 'prototype'].map((endpointId) => ({
  name: `endpoint named ${endpointId}, sold by two hosts`,
  approvedMsat: 10_000,
  payments: 2,
  expect: 'HTTP 200, HTTP 200',
  naive: 'leaked',
  async play(scene) {
    const open = (name) =>
      scene.serve(name, (request, response) =>
        isPaid(request) ? response.end('sold') : scene.sell({ at: name, uses: 3, endpointId }).offer(response),
      );
    const [one, other] = [await open('seller'), await open('other')];
    const buyer = await scene.buyer();
    const first = await buyer.call(`${one.url}/item`);
    const second = await buyer.call(`${other.url}/item`);
    return `${first.outcome}, ${second.outcome}`;
  },
}));

/** Both would go out beside what the client itself sends. */
const oddRequests = [
  {
    name: 'a header of the caller that would frame the request otherwise',
    approvedMsat: 5_000,
    expect: 'HTTP 200',
    naive: null,
    async play(scene) {
      const seller = await scene.serve('seller', (request, response) =>
        isPaid(request) ? response.end('sold') : scene.sell().offer(response),
      );
      const buyer = await scene.buyer();
      const headers = {
        'transfer-encoding': 'chunked',
        connection: 'keep-alive, x-api-key',
        host: 'elsewhere.example',
      };
      return (await buyer.call(`${seller.url}/item`, { headers })).outcome;
    },
  },
];

export const credentialAndNameCases = [
  ...credentialCases,
  ...spoiltPaths,
  ...spoiltBodies,
  ...spoiltHosts,
  ...spoiltEndpoints,
  ...oddRequests,
];
