// Challenges where none belongs, too many of them, and answers that never end.
import { setTimeout as passTime } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { challengeHeader, offer } from '../offers.mjs';

/** Larger than any challenge that is read by a hundred times, and small on the wire. */
const bomb = gzipSync(Buffer.alloc(10_000_000));

/** Whatever is sold here, nothing was approved: the answer is no offer that anybody should pay. */
function refused(name, expect, answer, more = {}) {
  return {
    name,
    approvedMsat: 0,
    expect,
    naive: 'overpaid',
    async play(scene) {
      const seller = await scene.serve('seller', (request, response) =>
        answer({ scene, request, response, sold: scene.sell() }),
      );
      const buyer = await scene.buyer();
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
    ...more,
  };
}

/** The same from a server that writes its own bytes. */
function refusedRaw(name, expect, answer, more = {}) {
  return refused(name, expect, null, {
    async play(scene) {
      const seller = await scene.serveRaw('seller', (socket) => void answer(socket, scene.sell()));
      const buyer = await scene.buyer({ client: more.client });
      return (await buyer.call(`${seller.url}/item`)).outcome;
    },
    ...more,
  });
}

const onOtherStatuses = [200, 201, 204, 400, 401, 403, 404, 409, 429, 500, 503].map((status) =>
  refused(`challenge on status ${status}`, `HTTP ${status}`, ({ response, sold }) => sold.offer(response, { status })),
);

const head = (sold) => `HTTP/1.1 402 Payment Required\r\nwww-authenticate: ${challengeHeader(sold)}\r\n`;

async function drip(socket, text, everyMs) {
  for (let at = 0; at < text.length && !socket.destroyed; at++) {
    socket.write(text[at]);
    await passTime(everyMs);
  }
}

async function forEver(socket, chunk, everyMs = 1) {
  while (!socket.destroyed) {
    if (!socket.write(chunk)) await passTime(20);
    await passTime(everyMs);
  }
}

/** For peers who never end. */
const IMPATIENT = { client: { exchangeTimeoutMs: 3_000 } };

const endless = [
  refusedRaw(
    'a head that drips',
    'EGRESS_TIMEOUT',
    (socket, sold) => drip(socket, `${head(sold)}content-length: 0\r\n\r\n`, 20),
    {
      // Its head never comes to an end, so there is nothing to believe.
      naive: null,
      ...IMPATIENT,
    },
  ),
  refusedRaw(
    'a body that drips behind a good challenge',
    'EGRESS_TIMEOUT',
    (socket, sold) => {
      socket.write(`${head(sold)}content-length: 1000\r\n\r\n`);
      return drip(socket, ' '.repeat(1000), 20);
    },
    IMPATIENT,
  ),
  refusedRaw(
    'a body without an end',
    ['OFFER_UNREADABLE', 'EGRESS_TIMEOUT'],
    (socket, sold) => {
      socket.write(`${head(sold)}\r\n`);
      return forEver(socket, ' '.repeat(65_536));
    },
    IMPATIENT,
  ),
  refusedRaw('one line of 26 MB', ['OFFER_UNREADABLE', 'EGRESS_TIMEOUT'], (socket, sold) => {
    socket.end(`${head(sold)}content-length: 26000000\r\n\r\n${'x'.repeat(26_000_000)}`);
  }),
  refusedRaw(
    'chunks without an end',
    ['OFFER_UNREADABLE', 'EGRESS_TIMEOUT'],
    (socket, sold) => {
      socket.write(`${head(sold)}transfer-encoding: chunked\r\n\r\n`);
      return forEver(socket, '1\r\n \r\n'.repeat(500));
    },
    IMPATIENT,
  ),
  refusedRaw(
    'a chunk extension without an end',
    ['EGRESS_BROKEN', 'EGRESS_TIMEOUT', 'OFFER_UNREADABLE'],
    (socket, sold) => {
      socket.write(`${head(sold)}transfer-encoding: chunked\r\n\r\n1;x=`);
      return forEver(socket, 'x'.repeat(10_000));
    },
    IMPATIENT,
  ),
  refusedRaw(
    'server-sent events without an end',
    ['OFFER_UNREADABLE', 'EGRESS_TIMEOUT'],
    (socket, sold) => {
      socket.write(`${head(sold)}content-type: text/event-stream\r\n\r\n`);
      return forEver(socket, `data: ${sold.invoice}\n\n`.repeat(50));
    },
    IMPATIENT,
  ),
  refusedRaw(
    'header lines without an end',
    ['EGRESS_BROKEN', 'EGRESS_TIMEOUT'],
    (socket, sold) => {
      socket.write(head(sold));
      return forEver(socket, 'x: y\r\n'.repeat(1000));
    },
    { naive: null, ...IMPATIENT },
  ),
];

const large = [
  refused('a header of a megabyte', ['EGRESS_BROKEN', 'OFFER_UNREADABLE'], ({ response, sold }) =>
    sold.offer(response, { headers: { 'x-large': 'x'.repeat(1_000_000) } }),
  ),
  refused(
    'a challenge with a parameter of 100,000 letters',
    ['EGRESS_BROKEN', 'OFFER_UNREADABLE'],
    ({ response, sold }) => sold.offer(response, { params: { padding: 'x'.repeat(100_000) } }),
  ),
  refused('a thousand challenges in one header', ['EGRESS_BROKEN', 'OFFER_UNREADABLE'], ({ scene, response }) => {
    const challenges = Array.from({ length: 1000 }, () => challengeHeader(scene.sell()));
    response.writeHead(402, { 'www-authenticate': challenges.join(', ') }).end();
  }),
  refused('a thousand schemes before the challenge', ['EGRESS_BROKEN', 'OFFER_UNREADABLE'], ({ response, sold }) => {
    const schemes = Array.from({ length: 1000 }, (_, number) => `S${number} a=b`);
    response.writeHead(402, { 'www-authenticate': [...schemes, challengeHeader(sold)].join(', ') }).end();
  }),
  refused(
    'a gzip bomb behind a good challenge',
    ['OFFER_UNREADABLE', 'EGRESS_TOO_LARGE', 'EGRESS_BROKEN'],
    ({ response, sold }) => {
      const headers = { 'www-authenticate': challengeHeader(sold), 'content-encoding': 'gzip' };
      response.writeHead(402, headers).end(bomb);
    },
  ),
  refused('two invoices in one challenge', 'OFFER_UNREADABLE', ({ scene, response, sold }) =>
    offer(response, { ...sold, params: { invoice: scene.sell({ amountMsat: 250_000_000 }).invoice } }),
  ),
  refused('a token and a macaroon that differ', 'OFFER_UNREADABLE', ({ scene, response, sold }) =>
    offer(response, { ...sold, params: { token: scene.sell().token } }),
  ),
];

/** Ninety invoices in one header, five satoshis each: one of them may be paid, and once. */
const oneOfMany = {
  name: 'several challenges in one header',
  approvedMsat: 5000,
  expect: 'HTTP 200',
  naive: 'overpaid',
  async play(scene) {
    const seller = await scene.serve('seller', (request, response) => {
      if (request.headers.authorization !== undefined) return response.end('sold');
      const challenges = Array.from({ length: 8 }, () => challengeHeader(scene.sell()));
      return response.writeHead(402, { 'www-authenticate': challenges.join(', ') }).end();
    });
    const buyer = await scene.buyer();
    return (await buyer.call(`${seller.url}/item`)).outcome;
  },
};

const CRLF = '\r\n';
const brokenFraming = [
  refusedRaw(
    'a thousand times 100 Continue, then a challenge in a 103',
    ['HTTP 200', 'EGRESS_BROKEN'],
    (socket, sold) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000));
      socket.write(`HTTP/1.1 103 Early Hints\r\nwww-authenticate: ${challengeHeader(sold)}\r\n\r\n`);
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`);
    },
    { naive: null },
  ),
  refusedRaw(
    'a protocol switch that carries a challenge',
    ['EGRESS_BROKEN', 'EGRESS_TIMEOUT'],
    (socket, sold) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\nwww-authenticate: ${challengeHeader(sold)}\r\n\r\n`,
      );
    },
    { naive: null, ...IMPATIENT },
  ),
  refusedRaw(
    'two Content-Length lines',
    ['EGRESS_BROKEN', 'OFFER_UNREADABLE'],
    (socket, sold) => {
      socket.end(`${head(sold)}content-length: 2${CRLF}content-length: 5${CRLF}${CRLF}hello`);
    },
    { naive: null },
  ),
  refusedRaw('Content-Length and chunks', ['EGRESS_BROKEN', 'OFFER_UNREADABLE'], (socket, sold) => {
    socket.end(`${head(sold)}content-length: 5${CRLF}transfer-encoding: chunked${CRLF}${CRLF}0${CRLF}${CRLF}`);
  }),
  refusedRaw('no status line', 'EGRESS_BROKEN', (socket, sold) => socket.end(challengeHeader(sold)), { naive: null }),
  refusedRaw('a status above 599', ['HTTP 502', 'EGRESS_BROKEN'], (socket, sold) => {
    socket.end(`HTTP/1.1 999 Pay\r\nwww-authenticate: ${challengeHeader(sold)}\r\ncontent-length: 0\r\n\r\n`);
  }),
  refusedRaw('an answer that ends in the middle of its body', 'EGRESS_BROKEN', (socket, sold) => {
    socket.end(`${head(sold)}content-length: 1000\r\n\r\n{"invoice":`);
  }),
];

/** What lies behind the declared end of an answer must not become the answer to the next request. */
const smuggled = {
  name: 'a body longer than its Content-Length, with a challenge behind its end',
  approvedMsat: 0,
  expect: /^HTTP 200, (?:HTTP 200|EGRESS_BROKEN)$/,
  naive: null,
  async play(scene) {
    const seller = await scene.serveRaw('seller', (socket) => {
      const second = `${head(scene.sell())}content-length: 0\r\n\r\n`;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok${second}`);
    });
    const buyer = await scene.buyer();
    const first = await buyer.call(`${seller.url}/free`);
    const next = await buyer.call(`${seller.url}/free/too`);
    return `${first.outcome}, ${next.outcome}`;
  },
};

export const challengeCases = [...onOtherStatuses, ...endless, ...large, oneOfMany, ...brokenFraming, smuggled];
