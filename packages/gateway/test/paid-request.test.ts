import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimStore } from '@satway/gate';
import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { openPgliteClaimStore } from '@satway/gate/claim-store/sql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call } from './support/http-call.js';
import { type Origin, startOrigin } from './support/origin.js';
import { openShop, type Shop } from './support/shop.js';

let origin: Origin;
let shop: Shop;

const openOn = async (claimStore: ClaimStore): Promise<void> => {
  shop = await openShop({ originUrl: origin.url, claimStore });
};
afterEach(async () => {
  await shop.close();
  await origin.close();
});

const STORES = {
  memory: () => Promise.resolve(createMemoryClaimStore()),
  pglite: (folder: string) => openPgliteClaimStore({ folder, warn: () => undefined }),
};

describe.each(['memory', 'pglite'] as const)('a paid request, counted in %s,', (kind) => {
  let folder: string;
  let claimStore: ClaimStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'satway-store-'));
    claimStore = await STORES[kind](folder);
  });
  afterAll(async () => {
    await claimStore.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    origin = await startOrigin((request, response, body) => response.end(`${request.method} ${request.url} ${body}`));
    await openOn(claimStore);
  });

  it('is offered, paid, served and charged once', async () => {
    const challenge = await call(`${shop.url}/v1/forecast/oslo?days=3`);
    expect(challenge.status).toBe(402);
    expect(challenge.headers['www-authenticate']).toMatch(
      /^L402 macaroon="[^"]+", invoice="lnbcrt50n[^"]+", version="0", token="[^"]+"$/,
    );
    expect(origin.seen).toEqual([]);
    const authorization = await shop.buy('/v1/forecast/oslo?days=3');
    const answer = await call(`${shop.url}/v1/forecast/oslo?days=3`, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 200, body: 'GET /v1/forecast/oslo?days=3 ' });
    expect(answer.headers['x-payment-outcome']).toBe('charged');
    expect(origin.seen[0]?.headers).toMatchObject({ 'x-payment-sats': '5', 'x-payment-model': 'per_request' });
    const again = await call(`${shop.url}/v1/forecast/oslo?days=3`, { headers: { authorization } });
    expect(again.status).toBe(402);
    expect(again.headers['x-payment-outcome']).toBe('not_charged');
    expect(origin.seen).toHaveLength(1);
  });

  it('is served as often as was bought', async () => {
    const authorization = await shop.buy('/v1/tile/3');
    const statuses = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await call(`${shop.url}/v1/tile/${i}`, { headers: { authorization } })).status);
    expect(statuses).toEqual([200, 200, 200, 402]);
    expect(origin.seen[0]?.headers['x-payment-sats']).toBe('0.25');
  });

  it('is served once however many send it at the same time', async () => {
    const authorization = await shop.buy('/v1/forecast/oslo');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call(`${shop.url}/v1/forecast/oslo`, { headers: { authorization } })),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(origin.seen).toHaveLength(1);
  });

  it('is answered again, byte for byte and without the origin, when its Idempotency-Key comes again', async () => {
    const authorization = await shop.buy('/v1/order', { method: 'POST', body: 'two' });
    const init = { method: 'POST', body: 'two', headers: { authorization, 'idempotency-key': 'k'.repeat(22) } };
    const first = await call(`${shop.url}/v1/order`, init);
    const second = await call(`${shop.url}/v1/order`, init);
    expect(first).toMatchObject({ status: 200, body: 'POST /v1/order two' });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect(second.headers['x-payment-outcome']).toBe('charged');
    expect(origin.seen).toHaveLength(1);
    const other = await call(`${shop.url}/v1/order`, { ...init, body: 'three' });
    expect(other.status).toBe(409);
    expect(origin.seen).toHaveLength(1);
  });

  it('of which the origin fails can be sent again with the same credential', async () => {
    await shop.close();
    await origin.close();
    let fails = true;
    origin = await startOrigin((_request, response) => response.writeHead(fails ? 500 : 200).end('answer'));
    await openOn(claimStore);
    const authorization = await shop.buy('/v1/forecast/oslo');
    const failed = await call(`${shop.url}/v1/forecast/oslo`, { headers: { authorization } });
    expect(failed.status).toBe(500);
    expect(failed.headers).toMatchObject({
      'x-payment-outcome': 'released',
      'x-payment-code': 'upstream_failed_retryable',
    });
    fails = false;
    const served = await call(`${shop.url}/v1/forecast/oslo`, { headers: { authorization } });
    expect(served.status).toBe(200);
    expect(served.headers['x-payment-outcome']).toBe('charged');
  });

  it('to a free path needs no payment, and to an unknown one is refused', async () => {
    expect((await call(`${shop.url}/ping`)).status).toBe(200);
    expect((await call(`${shop.url}/v1/unknown`)).status).toBe(404);
    expect((await call(`${shop.url}/ping`, { method: 'DELETE' })).status).toBe(405);
    expect(origin.seen).toHaveLength(1);
  });
});

describe('a spelling of a priced path', () => {
  beforeEach(async () => {
    origin = await startOrigin((request, response, body) => response.end(`${request.method} ${request.url} ${body}`));
    await openOn(createMemoryClaimStore());
  });

  it.each([
    '//v1/forecast/oslo',
    '/v1//forecast/oslo',
    '/v1/./forecast/oslo',
    '/x/../v1/forecast/oslo',
    '/V1/Forecast/OSLO',
    '/v1/forecast/oslo/',
    '/%76%31/forecast/oslo',
    '/v1/forecast/oslo?x=1',
    '/v1/forecast/oslo?',
    '/v1/forecast/o%20slo',
  ])('%s is priced', async (path) => {
    expect((await call(shop.url + path)).status).toBe(402);
    expect(origin.seen).toEqual([]);
  });

  it.each([
    ['/v1%2fforecast/oslo', 400],
    ['/v1/forecast%2Foslo', 400],
    ['/v1/..%2fv1/forecast/oslo', 400],
    ['/v1/%2e%2e/v1/forecast/oslo', 400],
    ['/v1/forecast/oslo;a=1', 400],
    ['/v1/forecast;/oslo', 400],
    ['/v1\\forecast\\oslo', 400],
    ['/v1/forecast/%5coslo', 400],
    ['/v1/forecast/oslo%00', 400],
    ['/v1/forecast/%ff', 400],
    ['/v1/forecast/%zz', 400],
    ['/v1/forecast/', 404],
    ['/v1/forecast', 404],
    ['/v1/forecast/oslo/more', 404],
  ])('%s is refused with %i', async (path, status) => {
    expect((await call(shop.url + path)).status).toBe(status);
    expect(origin.seen).toEqual([]);
  });

  it('is forwarded in its canonical form, with case and trailing slash as sent', async () => {
    const authorization = await shop.buy('/v1/forecast/Oslo/');
    const answer = await call(`${shop.url}//V1/./forecast/%4fslo/?a=%2F`, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 200, body: 'GET /V1/forecast/Oslo/?a=%2F ' });
  });
});
