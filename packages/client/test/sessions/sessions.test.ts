import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientEvent, L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { challenge, mintToken, paidHash, startServer } from '../support/seller.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';
import { mint, type SessionSellerOptions, startSessionSeller } from './session-seller.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function setTheScene(shop: Omit<SessionSellerOptions, 'issuer'>) {
  const lightning = openLightning();
  const path = temporaryStorePath();
  const store = temporaryStore(path);
  const seller = await startSessionSeller({ issuer: lightning.issuer, ...shop });
  const open = (more: Partial<L402ClientOptions> = {}) => {
    const client = new L402Client({ wallet: lightning.payer, store, ...more });
    clients.push(client);
    return client;
  };
  const client = open();
  const call = async (path = '/item', who = client) => (await who.fetch(`${seller.url}${path}`)).text();
  /** By what each request was let in. */
  const shown = () =>
    seller.seen.map(({ headers }) => {
      if (headers['x-session-token'] !== undefined) return headers.authorization === undefined ? 'session' : 'both';
      return headers.authorization === undefined ? 'nothing' : 'credential';
    });
  return { lightning, path, store, seller, open, client, call, shown };
}

describe('a session', () => {
  it('is opened by the first paid call, and used by its token alone from then on', async () => {
    const { call, shown, lightning, seller } = await setTheScene({ model: 'token_bucket', adds: 20, unit: 1 });
    for (let number = 0; number < 5; number++) expect(await call()).toBe('answer to /item');
    expect(shown()).toEqual(['nothing', 'credential', 'session', 'session', 'session', 'session']);
    expect(lightning.settledMsat()).toEqual([10_000]);
    expect([...seller.sessions.values()]).toMatchObject([{ balance: 15 }]);
  });

  it('is known after a restart, and to the other processes of the same store', async () => {
    const { call, open, path, lightning, shown } = await setTheScene({ model: 'metered' });
    await call();
    const other = new L402Client({ wallet: lightning.payer, store: temporaryStore(path) });
    clients.push(other);
    await call('/item', other);
    expect(shown()).toEqual(['nothing', 'credential', 'session']);
    await call('/item', open());
    expect(lightning.settledMsat()).toEqual([10_000, 10_000]);
  });

  it('lasts as long as its pass', async () => {
    const { call, shown, open, lightning } = await setTheScene({ model: 'time_pass', lifeMs: 60_000 });
    await call();
    await call();
    expect(shown()).toEqual(['nothing', 'credential', 'session']);
    // By our clock it is over: then its credential is asked, which may know better.
    const later = open({ clock: { nowMs: () => Date.now() + 60_000, sleep: async () => undefined } });
    await call('/item', later);
    expect(shown().at(-1)).toBe('credential');
    expect(lightning.settledMsat()).toEqual([10_000]);
  });

  it('is topped up where its balance does not suffice, and goes on', async () => {
    const { call, lightning, seller, store } = await setTheScene({ model: 'metered', adds: 10, unit: 4 });
    for (let number = 0; number < 5; number++) expect(await call()).toBe('answer to /item');
    // 10 - 4 - 4 leaves 2; topped up, 12 - 4 - 4 - 4 leaves none.
    expect(lightning.settledMsat()).toEqual([10_000, 10_000]);
    expect([...seller.sessions.values()]).toMatchObject([{ balance: 0 }]);
    expect(seller.sold.topUps).toBeGreaterThan(0);
    expect(await call()).toBe('answer to /item');
    expect(lightning.settledMsat()).toHaveLength(3);
    expect(seller.sessions.size).toBe(1);
    expect(store.sessions.list(Date.now())).toMatchObject([{ balance: 6 }]);
  });

  it('that was known to be empty is topped up without asking its credential as well', async () => {
    const { call, shown, lightning } = await setTheScene({ model: 'token_bucket', adds: 2, unit: 1 });
    for (let number = 0; number < 3; number++) await call();
    expect(shown()).toEqual(['nothing', 'credential', 'session', 'session', 'credential']);
    expect(lightning.settledMsat()).toHaveLength(2);
  });

  it('is topped up once, however many calls find it empty at the same time', async () => {
    const { call, lightning, seller } = await setTheScene({ model: 'metered', adds: 40, unit: 4 });
    for (let number = 0; number < 10; number++) await call();
    expect(lightning.settledMsat()).toHaveLength(1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => call()));
    expect(new Set(answers)).toEqual(new Set(['answer to /item']));
    expect(lightning.settledMsat()).toHaveLength(2);
    expect([...seller.sessions.values()]).toMatchObject([{ balance: 8 }]);
  });

  it('that is lost by its seller costs nothing: its credential opens it again', async () => {
    const { call, shown, lightning, seller, store } = await setTheScene({ model: 'token_bucket', adds: 20, unit: 1 });
    await call();
    const [kept] = store.sessions.list(Date.now());
    store.sessions.keep({
      purchaseId: kept?.purchaseId ?? '',
      origin: seller.url,
      token: 'a.token.of.yesterday',
      expiresAtMs: null,
      balance: 19,
      updatedAtMs: 0,
    });
    expect(await call()).toBe('answer to /item');
    expect(shown()).toEqual(['nothing', 'credential', 'session', 'credential']);
    await call();
    expect(shown().at(-1)).toBe('session');
    expect(lightning.settledMsat()).toEqual([10_000]);
  });

  it('without a token is named by its credential', async () => {
    const { call, shown, lightning, store } = await setTheScene({ model: 'metered', adds: 20, givesTokens: false });
    await call();
    await call();
    expect(shown()).toEqual(['nothing', 'credential', 'credential']);
    expect(store.sessions.list(Date.now())).toEqual([]);
    expect(lightning.settledMsat()).toHaveLength(1);
  });

  it('sends an Idempotency-Key with each of its calls, each its own', async () => {
    const { call, seller } = await setTheScene({ model: 'token_bucket', adds: 20, unit: 1 });
    for (let number = 0; number < 4; number++) await call();
    const keys = seller.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys.every((key) => typeof key === 'string' && key.length === 32)).toBe(true);
    // The unpaid and the paid leg of the first call share one.
    expect(new Set(keys).size).toBe(4);
  });

  it('is a secret: neither callers, nor events, nor the disk see its token', async () => {
    const events: ClientEvent[] = [];
    const { open, seller, path, store } = await setTheScene({ model: 'metered' });
    const client = open({ onEvent: (event) => void events.push(event) });
    const headers = [...(await client.fetch(`${seller.url}/item`)).headers];
    const again = await client.fetch(`${seller.url}/item`);
    const token = [...seller.sessions.values()][0]?.token ?? 'none';
    expect(headers.map(([name]) => name)).toContain('x-session-balance');
    expect(again.headers.get('x-session-balance')).toBe('2');
    const seen = JSON.stringify({ headers, again: [...again.headers], events, list: store.sessions.list(Date.now()) });
    expect(seen).not.toContain(token);
    for (const file of [path, `${path}-wal`]) expect(readFileSync(file).includes(token)).toBe(false);
  });

  it('is shown to no other origin, by no redirect', async () => {
    const { client, seller, call } = await setTheScene({ model: 'token_bucket', adds: 20, unit: 1 });
    await call();
    const token = [...seller.sessions.values()][0]?.token ?? 'none';
    const stranger = await startServer((_, response) => response.end('elsewhere'));
    await client.fetch(`${stranger.url}/item`);
    const seen = JSON.stringify(stranger.seen);
    expect(seen).not.toContain(token);
  });

  it('token goes along within its origin, and not beyond, where a call is redirected', async () => {
    const lightning = openLightning();
    const stranger = await startServer((_, response) => response.end('elsewhere'));
    const token = 'a-token-of-a-session';
    const seller = await startServer(async (request, response): Promise<unknown> => {
      const isIn = request.headers['x-session-token'] === token || paidHash(request) !== null;
      const charged = { 'x-payment-outcome': 'charged', 'x-session-token': token };
      if (isIn && request.url === '/far') return response.writeHead(302, { ...charged, location: stranger.url }).end();
      if (isIn && request.url === '/near') return response.writeHead(302, { ...charged, location: '/item' }).end();
      if (isIn) return response.writeHead(200, charged).end('here');
      const { paymentHashHex, invoice } = await lightning.issuer.create({
        amountMsat: 5000,
        description: '',
        expirySeconds: 600,
      });
      return challenge(response, mint(paymentHashHex, 'time_pass', 5000), invoice);
    });
    const client = new L402Client({ wallet: lightning.payer, store: temporaryStore() });
    clients.push(client);
    for (const path of ['/near', '/near', '/far', '/far']) await (await client.fetch(`${seller.url}${path}`)).text();
    const bySession = seller.seen.filter(({ headers }) => headers['x-session-token'] === token).map(({ url }) => url);
    expect(bySession).toEqual(['/near', '/item', '/far', '/far']);
    expect(stranger.seen).toHaveLength(2);
    expect(JSON.stringify(stranger.seen)).not.toContain(token);
  });

  it('of a credential that counts its calls is none', async () => {
    const lightning = openLightning();
    const seller = await startServer(async (request, response): Promise<unknown> => {
      if (paidHash(request) !== null) {
        return response.writeHead(200, { 'x-payment-outcome': 'charged', 'x-session-token': 'offered' }).end();
      }
      const { paymentHashHex, invoice } = await lightning.issuer.create({
        amountMsat: 5000,
        description: '',
        expirySeconds: 600,
      });
      return challenge(response, mintToken({ paymentHashHex, uses: 3 }), invoice);
    });
    const client = new L402Client({ wallet: lightning.payer, store: temporaryStore() });
    clients.push(client);
    for (let number = 0; number < 3; number++) await client.fetch(seller.url);
    expect(seller.seen.every(({ headers }) => headers['x-session-token'] === undefined)).toBe(true);
  });
});
