import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import type { ClaimStore } from '@satway/gate';
import { createMemoryClaimStore } from '@satway/gate/claim-store';
import {
  attenuate,
  decodeIdentifier,
  decodeMacaroonText,
  encodeMacaroonText,
  formatAuthorization,
} from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addMasterKey } from '../src/index.js';
import { type Answer, answerOf, call, type CallInit, exchangeRaw, openCall } from './support/http-call.js';
import { type Answerer, type Origin, startOrigin } from './support/origin.js';
import { openShop, type Shop, type ShopOptions } from './support/shop.js';

let origin: Origin;
let shop: Shop;
let answer: Answerer;
beforeEach(async () => {
  answer = (_request, response) => response.end('ok');
  origin = await startOrigin((request, response, body) => answer(request, response, body));
});
afterEach(async () => {
  await shop.close();
  await origin.close();
});

async function open(options: Partial<ShopOptions> = {}): Promise<void> {
  shop = await openShop({ originUrl: origin.url, ...options });
}

/** A store that does some things otherwise. */
const withChanges = (store: ClaimStore, changes: Partial<ClaimStore>): ClaimStore => ({
  claim: (request) => store.claim(request),
  renew: (ref, leaseMs) => store.renew(ref, leaseMs),
  capture: (ref, kept) => store.capture(ref, kept),
  release: (ref) => store.release(ref),
  knows: (payment) => store.knows(payment),
  revoke: (revocation) => store.revoke(revocation),
  prune: () => store.prune(),
  ping: () => store.ping(),
  close: () => store.close(),
  ...changes,
});

const url = (path: string): string => shop.url + path;

describe('the health check', () => {
  it('says ok to anybody, under every spelling of its path, and without the origin', async () => {
    await open();
    for (const path of ['/healthz', '/HealthZ/', '//healthz']) {
      expect(await call(url(path))).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    }
    expect(origin.seen).toEqual([]);
  });

  it('says 503 while the store does not answer', async () => {
    const store = createMemoryClaimStore();
    const ping = (): Promise<void> => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
    await open({ claimStore: withChanges(store, { ping }) });
    expect(await call(url('/healthz'))).toMatchObject({
      status: 503,
      body: '{"status":"degraded","store":"unavailable"}',
    });
  });

  it('wins over an endpoint whose parameter could match its path', async () => {
    await open({ endpoints: '\n  - {id: any, method: GET, path: /:name, priceSats: 1}' });
    expect((await call(url('/healthz'))).status).toBe(200);
    expect((await call(url('/healthy'))).status).toBe(402);
  });
});

describe('a store that does not answer', () => {
  it('refuses paid requests with 503 rather than lose count, serves free ones, and is used again when it is back', async () => {
    const store = createMemoryClaimStore();
    let isDead = false;
    const unavailable = (): Promise<never> => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
    const claimStore = withChanges(store, { claim: (request) => (isDead ? unavailable() : store.claim(request)) });
    await open({ claimStore });
    const authorization = await shop.buy('/v1/forecast/oslo');
    isDead = true;
    const refused = await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({
      'x-payment-outcome': 'not_charged',
      'x-payment-code': 'store_unavailable',
    });
    expect(refused.headers['www-authenticate']).toBeUndefined();
    expect(origin.seen).toEqual([]);
    expect((await call(url('/ping'))).status).toBe(200);
    isDead = false;
    expect((await call(url('/v1/forecast/oslo'), { headers: { authorization } })).status).toBe(200);
  });
});

describe('the metrics', () => {
  it('count what was asked, offered, paid, captured and released', async () => {
    await open();
    const authorization = await shop.buy('/v1/forecast/oslo');
    answer = (_request, response) => response.writeHead(500).end();
    await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    answer = (_request, response) => response.end('ok');
    await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    await call(url('/nowhere'));
    const { body, headers } = await call(url('/metrics'));
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('satway_requests_total{status="2xx"} 1\n');
    expect(body).toContain('satway_requests_total{status="4xx"} 3\n');
    expect(body).toContain('satway_requests_total{status="5xx"} 1\n');
    expect(body).toContain('satway_challenges_total 2\n');
    expect(body).toContain('satway_credentials_refused_total 1\n');
    expect(body).toContain('satway_paid_requests_total 2\n');
    expect(body).toContain('satway_captured_total 1\n');
    expect(body).toContain('satway_released_total 1\n');
    expect(body).toContain('satway_refused_total{code="endpoint_not_found"} 1\n');
    expect(body).toContain('satway_request_duration_seconds_count 5\n');
    expect(body).toContain('satway_calls_under_way 0\n');
  });

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host'])(
    'are not there for who comes through a proxy (%s)',
    async (name) => {
      await open();
      expect((await call(url('/metrics'), { headers: { [name]: '127.0.0.1' } })).status).toBe(404);
    },
  );

  it.each([
    ['localhost:8402', 200],
    ['127.0.0.1', 200],
    ['[::1]:1', 200],
    ['api.example.com', 404],
    ['localhost.example.com', 404],
    ['127.0.0.1.example.com', 404],
  ])(
    'are for who asks for this machine (Host: %s is %i), and not for a public name that a proxy hands on',
    async (host, status) => {
      await open();
      expect((await call(url('/metrics'), { headers: { host } })).status).toBe(status);
    },
  );

  it('are not there for a proxy that speaks HTTP/1.0, as nginx does unless it is told otherwise', async () => {
    await open();
    const ask = (version: string): Promise<string> =>
      exchangeRaw(shop.gateway.port, `GET /metrics HTTP/${version}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    expect(await ask('1.1')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('1.0')).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each(['publicUrl: https://shop.example', 'trustedProxies: [127.0.0.1]', 'admin: {port: 0}'])(
    'are not on the main listener with %s',
    async (extra) => {
      await open({ extra });
      expect((await call(url('/metrics'))).status).toBe(404);
    },
  );

  it('have a listener of their own where one is configured, which offers nothing else', async () => {
    await open({ extra: 'admin: {port: 0}' });
    const { adminUrl } = shop.gateway;
    expect((await call(`${adminUrl}/metrics`)).status).toBe(200);
    expect((await call(`${adminUrl}/healthz`)).status).toBe(200);
    expect((await call(`${adminUrl}/ping`)).status).toBe(404);
    expect(origin.seen).toEqual([]);
  });
});

describe('the log', () => {
  it('holds no credential, preimage or macaroon, whatever happened', async () => {
    const log: string[] = [];
    await open({ log });
    const authorization = await shop.buy('/v1/forecast/oslo');
    const [macaroon = '', preimage = ''] = authorization.slice('L402 '.length).split(':');
    await call(url('/v1/forecast/oslo'), { headers: { authorization, 'idempotency-key': 'k'.repeat(40) } });
    await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    await call(url('/v1/forecast/oslo'), { headers: { authorization: `${authorization}00` } });
    await call(url(`/v1/unknown/${macaroon}`), { headers: { authorization } });
    await origin.close();
    await call(url('/ping'), { headers: { authorization } });
    const text = log.join('');
    expect(text).toContain('gateway is ready');
    expect(text).toContain('origin_unreachable'.toUpperCase());
    for (const secret of [macaroon, preimage, 'k'.repeat(40)]) expect(text).not.toContain(secret);
  });
});

describe('keys', () => {
  const keyIdOf = (authorization: string): string => {
    const read = decodeMacaroonText(authorization.slice('L402 '.length).split(':')[0] ?? '');
    const identifier = read.ok ? decodeIdentifier(read.value.macaroon.identifier) : read;
    return identifier.ok ? Buffer.from(identifier.value.tokenId).subarray(0, 4).toString('hex') : identifier.detail;
  };

  it('rotate under a running gateway, and what was sold under the old one is good', async () => {
    await open();
    const sold = await shop.buy('/v1/forecast/oslo');
    const added = await addMasterKey(`${shop.folder}/keys.json`);
    await shop.gateway.reloadKeys();
    const soldAfter = await shop.buy('/v1/forecast/rome');
    expect(keyIdOf(soldAfter)).toBe(added.id);
    expect(keyIdOf(sold)).not.toBe(added.id);
    for (const authorization of [sold, soldAfter]) {
      expect((await call(url('/v1/forecast/oslo'), { headers: { authorization } })).status).toBe(200);
    }
  });
});

describe('the discovery document', () => {
  it('names the caveats that are enforced', async () => {
    await open();
    for (const path of ['/.well-known/l402-gateway.json', '/.well-known//L402-Gateway.json/']) {
      const { status, headers, body } = await call(url(path));
      expect([status, headers['content-type']]).toEqual([200, 'application/json']);
      expect(JSON.parse(body)).toEqual({
        version: 1,
        caveats: ['grant', 'method', 'path_prefix', 'valid_until', 'n_uses', 'max_sats'],
      });
    }
    const posted = await call(url('/.well-known/l402-gateway.json'), { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(origin.seen).toEqual([]);
  });
});

describe('a revoked credential', () => {
  it('is refused from then on; who has none cannot revoke any', async () => {
    await open();
    const authorization = await shop.buy('/v1/tile/1');
    expect((await call(url('/v1/tile/1'), { headers: { authorization } })).status).toBe(200);
    const path = url('/.well-known/l402/revoke');
    expect((await call(path, { method: 'POST' })).status).toBe(401);
    expect((await call(path, { headers: { authorization } })).status).toBe(405);
    expect((await call(path, { method: 'POST', headers: { authorization } })).status).toBe(204);
    expect((await call(url('/v1/tile/1'), { headers: { authorization } })).status).toBe(402);
  });

  it('is one of 256 branches of its payment; one more is 409, but the credential above them all', async () => {
    await open();
    const authorization = await shop.buy('/v1/tile/1');
    const [text = '', preimageHex = ''] = authorization.slice('L402 '.length).split(':');
    const root = decodeMacaroonText(text);
    if (!root.ok) throw new TypeError(root.code);
    const revoke = (credential: string) =>
      call(url('/.well-known/l402/revoke'), { method: 'POST', headers: { authorization: credential } });
    const revokeBranch = (number: number) => {
      const macaroon = attenuate(root.value.macaroon, [`grant=${number.toString(16).padStart(32, '0')}`]);
      return revoke(formatAuthorization(encodeMacaroonText(macaroon), preimageHex));
    };
    for (let number = 1; number <= 256; number += 1) expect((await revokeBranch(number)).status).toBe(204);
    const refused = await revokeBranch(257);
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([409, { code: 'too_many_revocations' }]);
    expect((await revokeBranch(1)).status).toBe(204);
    expect((await call(url('/v1/tile/1'), { headers: { authorization } })).status).toBe(200);
    expect((await revoke(authorization)).status).toBe(204);
    expect((await call(url('/v1/tile/1'), { headers: { authorization } })).status).toBe(402);
  });
});

describe('the gateway’s own paths', () => {
  const RATES = `
rates:
  requestsPerAddressAndEndpoint: {burst: 2, perSecond: 0.01}
  requestsPerAddress: {burst: 5, perSecond: 0.01}
`;
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const statuses = async (path: string, init: CallInit, times: number) => {
    const seen = [];
    for (let round = 0; round < times; round += 1) seen.push((await call(url(path), init)).status);
    return seen;
  };

  it('are held to the limits of the caller’s address, each and together, with Retry-After', async () => {
    await open({ extra: `trustedProxies: [127.0.0.1]${RATES}` });
    const revoke: CallInit = { method: 'POST', headers: { ...from('203.0.113.7'), authorization: 'L402 AgEG:00' } };
    expect(await statuses('/.well-known/l402/revoke', revoke, 3)).toEqual([401, 401, 429]);
    const refused = await call(url('/.well-known//L402/revoke/'), revoke);
    expect([refused.status, refused.headers['retry-after'], refused.headers['x-payment-outcome']]).toEqual([
      429,
      '100',
      'not_charged',
    ]);
    const describe: CallInit = { headers: from('203.0.113.7') };
    expect(await statuses('/.well-known/l402-gateway.json', describe, 2)).toEqual([200, 429]);
    expect(await statuses('/ping', describe, 1)).toEqual([429]);
    const other: CallInit = { headers: from('203.0.113.8') };
    expect(await statuses('/.well-known/l402-gateway.json', other, 1)).toEqual([200]);
  });

  it('for operators, health and metrics, stay reachable whoever else shares the address', async () => {
    await open({ extra: RATES });
    expect(await statuses('/healthz', {}, 8)).toEqual(Array(8).fill(200));
    expect(await statuses('/metrics', {}, 8)).toEqual(Array(8).fill(200));
  });
});

describe('a stop', () => {
  it('lets a running call end, takes no new connection, and closes behind it', async () => {
    await open();
    let finish: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    answer = (_request, response) => {
      finish = () => response.end('after all');
      asked();
    };
    const authorization = await shop.buy('/v1/forecast/oslo');
    const running = call(url('/v1/forecast/oslo'), { headers: { authorization } });
    await wasAsked;
    const { url: oldUrl, port } = shop.gateway;
    const stopped = shop.gateway.close();
    await refusesConnections(port);
    finish();
    expect(await running).toMatchObject({ status: 200, body: 'after all' });
    await stopped;
    await expect(call(`${oldUrl}/ping`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('breaks off what takes longer than its grace, and gives its charge back', async () => {
    await open({ extra: 'timeouts: {shutdownMs: 50}' });
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    answer = () => asked();
    const authorization = await shop.buy('/v1/forecast/oslo');
    const running = call(url('/v1/forecast/oslo'), { headers: { authorization } });
    await wasAsked;
    await shop.gateway.close();
    expect(await running).toMatchObject({ status: 504, headers: { 'x-payment-outcome': 'released' } });
    answer = (_request, response) => response.end('ok');
    await shop.restart();
    expect((await call(url('/v1/forecast/oslo'), { headers: { authorization } })).status).toBe(200);
  });

  it('does not wait for callers who keep an idle connection', async () => {
    await open();
    const socket = connect(shop.gateway.port, '127.0.0.1');
    socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await shop.gateway.close();
    await closed;
  });
});

async function refusesConnections(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (!isOpen) return;
  }
}

describe('a start', () => {
  it('says where it could not listen, and leaves nothing open', async () => {
    await open();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(openShop({ originUrl: origin.url, extra: `admin: {port: ${port}}` })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    });
    other.close();
  });
});

describe('bodies that are held for paid calls', () => {
  const LIMITS = 'limits: {requestBodyBytes: 1000, heldBodyBytes: 2000}';

  async function buyOrder(): Promise<(body: string) => Promise<Answer>> {
    const authorization = await shop.buy('/v1/order', { method: 'POST' });
    const headers = { authorization, 'idempotency-key': authorization.slice(-22) };
    return (body) => call(url('/v1/order'), { method: 'POST', headers, body });
  }

  const heldBytes = async (): Promise<string> =>
    /satway_held_body_bytes (\d+)/.exec((await call(url('/metrics'))).body)?.[1] ?? '';

  it('have room for so many bytes together; one more is 503 and takes nothing, and passes when another is done', async () => {
    const store = createMemoryClaimStore();
    let claims = 0;
    const claim: ClaimStore['claim'] = (request) => {
      claims += 1;
      return store.claim(request);
    };
    await open({ extra: LIMITS, claimStore: withChanges(store, { claim }) });
    const held: (() => void)[] = [];
    const twoAreThere = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        held.push(() => response.end('done'));
        if (held.length === 2) resolve();
      };
    });
    const [first, second, third] = [await buyOrder(), await buyOrder(), await buyOrder()];
    const underWay = [first('x'.repeat(1_000)), second('x'.repeat(990))];
    await twoAreThere;
    expect(await heldBytes()).toBe('1990');
    const refused = await third('x'.repeat(11));
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({
      'x-payment-outcome': 'not_charged',
      'x-payment-code': 'body_room_taken',
      'retry-after': '1',
    });
    expect(claims).toBe(2);
    for (const end of held) end();
    for (const answered of await Promise.all(underWay)) expect(answered).toMatchObject({ status: 200, body: 'done' });
    answer = (_request, response) => response.end('done');
    expect((await third('x'.repeat(1_000))).status).toBe(200);
    expect(await heldBytes()).toBe('0');
  });

  it('that never arrive whole give their room back', async () => {
    await open({ extra: LIMITS });
    const authorization = await shop.buy('/v1/order', { method: 'POST' });
    const headers = { authorization, 'idempotency-key': 'k'.repeat(22), 'content-length': '1000' };
    const gone = openCall(url('/v1/order'), { method: 'POST', headers }).on('error', () => undefined);
    gone.write('x'.repeat(600));
    while ((await heldBytes()) !== '600') continue;
    gone.destroy();
    while ((await heldBytes()) !== '0') continue;
    expect(origin.seen).toEqual([]);
  });
});

describe('a change of the endpoints', () => {
  it('read from a file while another is still being read holds after it', async () => {
    await open();
    const file = (name: string): string => join(shop.folder, name);
    const text = await readFile(file('satway.yaml'), 'utf8');
    const offering = (endpoint: string): string => text.replace(/endpoints:[\s\S]*$/, `endpoints: [${endpoint}]\n`);
    const slow = offering('{id: first, method: GET, path: /first, free: true}');
    await writeFile(file('slow.yaml'), slow.replace('macaroonEnv: MACAROON', 'macaroonFile: ./pipe'));
    await writeFile(file('quick.yaml'), offering('{id: last, method: GET, path: /last, free: true}'));
    execFileSync('mkfifo', [file('pipe')]);
    const reload = (name: string): Promise<boolean> => shop.gateway.reload(file(name), { MACAROON: '02010203' });
    const reading = [reload('slow.yaml'), reload('quick.yaml')];
    // Time enough for the second to come first, if it could.
    for (let times = 0; times < 20; times += 1) expect((await call(url('/first'))).status).toBe(404);
    await writeFile(file('pipe'), '02010203');
    expect(await Promise.all(reading)).toEqual([true, true]);
    expect((await call(url('/last'))).status).toBe(200);
    expect((await call(url('/first'))).status).toBe(404);
    expect(await shop.gateway.reload(file('quick.yaml'), {})).toBe(false);
    expect((await call(url('/last'))).status).toBe(200);
  });

  it('stalls no open stream, and holds from the next request on', async () => {
    await open({ endpoints: '\n  - {id: feed, method: GET, path: /feed, priceSats: 1, uses: 50}' });
    const writers: (() => void)[] = [];
    answer = (_request, response) => {
      response.write('before ');
      writers.push(() => response.end('after'));
    };
    const authorization = await shop.buy('/feed');
    const letIn: Promise<void>[] = [];
    const streams = Array.from({ length: 50 }, () => {
      const request = openCall(url('/feed'), { headers: { authorization } });
      letIn.push(new Promise((resolve) => request.once('response', () => resolve())));
      request.end();
      return answerOf(request);
    });
    await Promise.all(letIn);
    const price = { model: 'per_request', priceMsat: 2_000, uses: 1 } as const;
    shop.gateway.replaceEndpoints([{ id: 'news', method: 'GET', path: '/news', price }]);
    expect((await call(url('/feed'))).status).toBe(404);
    expect((await call(url('/news'))).status).toBe(402);
    for (const write of writers) write();
    for (const stream of await Promise.all(streams))
      expect(stream).toMatchObject({ body: 'before after', isComplete: true });
  });

  it('that contradicts itself is refused, and the old ones stay', async () => {
    await open();
    const twice = { id: 'a', method: 'GET', path: '/a', price: { model: 'free' } } as const;
    expect(() => shop.gateway.replaceEndpoints([twice, twice])).toThrow(
      expect.objectContaining({ code: 'ENDPOINTS_INVALID' }),
    );
    expect((await call(url('/ping'))).status).toBe(200);
  });

  it('raises no price that was paid already', async () => {
    await open();
    const authorization = await shop.buy('/v1/forecast/oslo');
    const price = { model: 'per_request', priceMsat: 50_000_000, uses: 1 } as const;
    shop.gateway.replaceEndpoints([{ id: 'forecast', method: 'GET', path: '/v1/forecast/:city', price }]);
    expect((await call(url('/v1/forecast/oslo'), { headers: { authorization } })).status).toBe(200);
  });
});

describe('the gate behind a real listener', () => {
  it.each([
    ['garbage', () => 'L402 garbage'],
    [
      'a forged signature',
      (good: string) =>
        good.replace(/^(L402 .{80})(.)/, (_all, head: string, char: string) => head + (char === 'A' ? 'B' : 'A')),
    ],
    ['another preimage', (good: string) => `${good.slice(0, -64)}${'0'.repeat(64)}`],
    ['no preimage', (good: string) => good.split(':')[0] ?? ''],
  ])('answers %s with a fresh 402, like every refused credential', async (_what, spoil) => {
    await open();
    const authorization = spoil(await shop.buy('/v1/forecast/oslo'));
    const refused = await call(url('/v1/forecast/oslo'), { headers: { authorization } });
    expect(refused.status).toBe(402);
    expect(refused.headers['x-payment-outcome']).toBe('not_charged');
    expect(refused.headers['cache-control']).toBe('no-store');
    expect(origin.seen).toEqual([]);
  });

  it('refuses a credential of another endpoint, and two credentials', async () => {
    await open();
    const authorization = await shop.buy('/v1/tile/1');
    expect((await call(url('/v1/forecast/oslo'), { headers: { authorization } })).status).toBe(402);
    const request = openCall(url('/v1/tile/1'));
    request.setHeader('authorization', [authorization, authorization]);
    request.end();
    const status = await new Promise((resolve) =>
      request.once('response', (response) => resolve(response.resume().statusCode)),
    );
    expect(status).toBe(402);
    expect(origin.seen).toEqual([]);
  });

  it('answers every refused credential with one and the same 402, but for the offer', async () => {
    await open({
      endpoints: `
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 5}
  - {id: other, method: GET, path: /other, priceSats: 5}`,
    });
    const good = await shop.buy('/v1/forecast/oslo');
    const consumed = await shop.buy('/v1/forecast/oslo?consumed');
    await call(url('/v1/forecast/oslo'), { headers: { authorization: consumed } });
    const foreign = await shop.buy('/other');
    const credentials = [
      consumed,
      foreign,
      'L402 garbage',
      'LSAT x:y',
      `${good.slice(0, -64)}${'0'.repeat(64)}`,
      good.slice(0, -64),
    ];
    const answers = [];
    for (const authorization of credentials) {
      const { status, body, rawHeaders } = await call(url('/v1/forecast/oslo?x'), { headers: { authorization } });
      const offer = JSON.parse(body) as Record<string, string>;
      let text = JSON.stringify([status, rawHeaders, body]);
      for (const key of ['macaroon', 'invoice', 'paymentHash', 'expiresAt'])
        text = text.replaceAll(String(offer[key]), key);
      answers.push(text.replace(/"Date","[^"]*"/, '').replace(/"Content-Length","\d+"/, ''));
    }
    expect(answers[0]).toContain('402');
    expect(new Set(answers).size).toBe(1);
  });
});
