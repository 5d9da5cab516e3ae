import type { ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DelegationLimits, delegate, fetchWithCredential, L402Client, openPurchaseStore } from '@satway/client';
import { call } from '../../packages/gateway/test/support/http-call.js';
import { type Origin, startOrigin } from '../../packages/gateway/test/support/origin.js';
import { openShop, type Shop } from '../../packages/gateway/test/support/shop.js';

const ENDPOINTS = `
  - {id: search, method: GET, path: /v1/search/:topic, priceSats: 60, uses: 6}
  - {id: deep, method: GET, path: /v1/search/:topic/deep, priceSats: 60, uses: 6}
  - {id: once, method: POST, path: /v1/once, priceSats: 5}
`;

let origin: Origin;
let shop: Shop;
let client: L402Client;
let respond: (response: ServerResponse) => void;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  respond = (response) => response.end('found');
  origin = await startOrigin((_, response) => respond(response));
  shop = await openShop({ originUrl: origin.url, endpoints: ENDPOINTS });
  const folder = mkdtempSync(join(tmpdir(), 'satway-delegation-'));
  const store = openPurchaseStore({ path: join(folder, 'purchases.db') });
  client = new L402Client({ wallet: shop.buyer.payer, store });
  closers.push(
    () => client.close(),
    () => store.close(),
    () => shop.close(),
    () => origin.close(),
    () => rmSync(folder, { recursive: true, force: true }),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const SEARCH = '/v1/search/moss';
const at = (path: string): string => shop.url + path;
const use = (token: string, path = SEARCH, init: RequestInit = {}) => fetchWithCredential(at(path), token, init);

/** A branch below a token, which must be possible. */
function branch(token: string, limits: DelegationLimits): string {
  const delegation = delegate(token, limits);
  if (delegation.ok) return delegation.token;
  throw new TypeError(delegation.message);
}

async function outcomes(calls: readonly ReturnType<typeof use>[]): Promise<{ served: number; codes: string[] }> {
  const results = await Promise.all(calls);
  const codes = results.flatMap((result) => (result.ok ? [] : [result.code]));
  return { served: results.length - codes.length, codes };
}

const REFUSED = { ok: false, code: 'HANDED_CREDENTIAL_REFUSED', fundsMoved: 'no' };
const SERVED = { ok: true, response: { status: 200 }, use: { outcome: 'charged' } };

/** The macaroon without one of its caveats: tag, length, text and end of section. */
function withoutCaveat(bytes: string, caveat: string): string {
  const start = bytes.indexOf(caveat);
  return bytes.slice(0, start - 2) + bytes.slice(start + caveat.length + 1);
}

/** Past every check of ours: what a sub-agent can send that does as it likes. */
async function sendRaw(token: string, path: string, method = 'GET'): Promise<number> {
  const part = token.slice('satway_credential_v1_'.length).split('.')[0] ?? '';
  const { macaroon, preimage } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, string>;
  return (await call(at(path), { method, headers: { authorization: `L402 ${macaroon}:${preimage}` } })).status;
}

describe('a branch of a credential, at the gateway', () => {
  it('is announced, so that it can be handed on', async () => {
    const obtained = await client.obtain(at(SEARCH));
    expect(obtained).toMatchObject({ usesLeft: 6, announcedCaveats: expect.arrayContaining(['grant', 'n_uses']) });
    expect(await use(branch(obtained.token, { uses: 1 }))).toMatchObject(SERVED);
  });

  it('opens as many calls as it was given, whatever its holder tries', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const child = branch(token, { uses: 2 });
    expect(await use(child)).toMatchObject(SERVED);
    expect(await use(child)).toMatchObject(SERVED);
    expect(await use(child)).toMatchObject(REFUSED);
    // A new branch below one that is used up is used up.
    expect(await use(branch(child, { uses: 2 }))).toMatchObject(REFUSED);
    expect(await use(branch(child, {}))).toMatchObject(REFUSED);
    expect(await use(token)).toMatchObject(SERVED);
    expect(origin.seen).toHaveLength(3);
  });

  it('leaves its siblings what is theirs, and together they open no more than was paid for', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const [greedy, modest] = [branch(token, { uses: 4 }), branch(token, { uses: 4 })];
    const first = await outcomes(Array.from({ length: 6 }, () => use(greedy)));
    expect(first).toEqual({ served: 4, codes: ['HANDED_CREDENTIAL_REFUSED', 'HANDED_CREDENTIAL_REFUSED'] });
    const second = await outcomes(Array.from({ length: 6 }, () => use(modest)));
    expect(second.served).toBe(2);
    expect(await use(token)).toMatchObject(REFUSED);
    expect(origin.seen).toHaveLength(6);
  });

  it('opens no more than was paid for to many siblings at the same moment', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const agents = Array.from({ length: 10 }, () => branch(token, { uses: 3 }));
    const { served } = await outcomes(agents.flatMap((agent) => [use(agent), use(agent)]));
    expect(served).toBe(6);
    expect(origin.seen).toHaveLength(6);
  });

  it('counts its whole depth: what a grandchild uses, its parents have used', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const child = branch(token, { uses: 3 });
    const grandchildren = [branch(child, { uses: 2 }), branch(child, { uses: 2 })];
    const { served } = await outcomes(grandchildren.flatMap((agent) => [use(agent), use(agent)]));
    expect(served).toBe(3);
    expect(await use(child)).toMatchObject(REFUSED);
    expect((await outcomes([use(token), use(token), use(token), use(token)])).served).toBe(3);
  });

  it('spends no more than its sats', async () => {
    const { token } = await client.obtain(at(SEARCH));
    // A call costs 10 of the 60 sats.
    const child = branch(token, { maxSats: 29 });
    expect((await outcomes([use(child), use(child), use(child)])).served).toBe(2);
    expect(await use(branch(token, { maxSats: 10 }))).toMatchObject(SERVED);
  });

  it('opens its method, its paths, and nothing after its time', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const there = branch(token, { method: 'GET', pathPrefix: '/v1/search/moss' });
    for (const path of ['/v1/search/fern', '/v1/search/mossy', '/V1/Search/moss', '/v1/search/moss/../fern']) {
      expect([path, await sendRaw(there, path)]).toEqual([path, 402]);
    }
    expect(await sendRaw(there, SEARCH, 'HEAD')).toBe(402);
    // Another endpoint of the same seller was never paid for.
    expect(await sendRaw(there, '/v1/search/moss/deep')).toBe(402);
    const brief = delegate(token, { validForMs: 1 }, { nowMs: () => Date.now() - 1000 });
    expect(await sendRaw(brief.ok ? brief.token : '', SEARCH)).toBe(402);
    expect(origin.seen).toEqual([]);
    expect(await use(there)).toMatchObject(SERVED);
  });

  it('can be revoked by its holder without its parent or its siblings', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const one = branch(token, { uses: 2, method: 'GET', pathPrefix: '/v1/search' });
    const two = branch(token, { uses: 2 });
    const below = branch(one, { uses: 1 });
    const revoke = await fetchWithCredential(at('/.well-known/l402/revoke'), one, { method: 'POST' });
    expect(revoke).toMatchObject({ ok: true, response: { status: 204 } });
    expect(await use(one)).toMatchObject(REFUSED);
    expect(await use(below)).toMatchObject(REFUSED);
    expect(await use(two)).toMatchObject(SERVED);
    expect(await use(token)).toMatchObject(SERVED);
  });

  it('gives its use back where the origin fails, and opens the same call again', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const child = branch(token, { uses: 1 });
    let failures = 1;
    respond = (response) => {
      failures -= 1;
      response.writeHead(failures < 0 ? 200 : 500).end('found');
    };
    expect(await use(child)).toMatchObject(SERVED);
    expect(origin.seen).toHaveLength(2);
    expect(await use(child)).toMatchObject(REFUSED);
  });

  it('answers the same call again under the same key, and charges once', async () => {
    const { token } = await client.obtain(at('/v1/once'), { method: 'POST', body: 'a' });
    const init = { method: 'POST', body: 'a', headers: { 'idempotency-key': 'k-1' } };
    expect(await use(token, '/v1/once', init)).toMatchObject(SERVED);
    expect(await use(token, '/v1/once', init)).toMatchObject({ ok: true, response: { status: 200 } });
    expect(await use(token, '/v1/once', { ...init, headers: { 'idempotency-key': 'k-2' } })).toMatchObject(REFUSED);
    expect(origin.seen).toHaveLength(1);
  });

  it('cannot be widened by hand: a caveat that is left out, changed or moved is a forgery', async () => {
    const { token } = await client.obtain(at(SEARCH));
    const child = branch(token, { uses: 1, pathPrefix: '/v1/search/moss' });
    const part = child.slice('satway_credential_v1_'.length).split('.')[0] ?? '';
    const { macaroon = '', preimage } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, string>;
    const bytes = Buffer.from(macaroon, 'base64').toString('latin1');
    const forgeries = [
      bytes.replace('n_uses=1', 'n_uses=6'),
      bytes.replace('/moss', '/fern'),
      withoutCaveat(bytes, 'path_prefix=/v1/search/moss'),
      bytes.replace('uses=6', 'uses=9'),
    ];
    for (const forged of forgeries) {
      expect(forged).not.toBe(bytes);
      const authorization = `L402 ${Buffer.from(forged, 'latin1').toString('base64')}:${preimage}`;
      expect((await call(at(SEARCH), { headers: { authorization } })).status).toBe(402);
    }
    expect(origin.seen).toEqual([]);
  });
});
