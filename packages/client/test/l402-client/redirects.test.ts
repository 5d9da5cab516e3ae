import { createEgress } from '@satway/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followRedirects, readCall, sendOnce } from '../../src/call/index.js';
import { L402Client } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller, startServer } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const secrets = {
  authorization: 'Bearer mine',
  cookie: 'session=mine',
  'x-api-key': 'mine',
  'x-session-token': 'mine',
};
const key = 'a-key-of-the-callers-0123456789ab';

function newClient(lightning = openLightning()) {
  const client = new L402Client({ wallet: lightning.payer, store: temporaryStore() });
  onTestFinished(() => client.close());
  return { client, lightning };
}

/** A stranger who sends everybody on to wherever it is told. */
async function startStranger(where: () => string) {
  return startServer((_, response) => response.writeHead(302, { location: where() }).end());
}

describe('a redirect to a stranger and back', () => {
  it("brings none of the caller's secrets to the place at home that the stranger chose", async () => {
    const { client } = newClient();
    const stranger = await startStranger(() => `${home.url}/victim`);
    const home = await startServer(({ url }, response) => {
      const location = url === '/start' ? `${stranger.url}/` : '/after';
      response.writeHead(url === '/after' ? 200 : 302, { location }).end();
    });
    const headers = { ...secrets, 'idempotency-key': key, accept: 'text/plain' };
    expect((await client.fetch(`${home.url}/start`, { headers })).status).toBe(200);
    const [start, ...later] = home.seen;
    const { 'x-session-token': _ofAPayment, ...own } = secrets;
    expect(start?.headers).toMatchObject({ ...own, 'idempotency-key': key });
    expect(start?.headers).not.toHaveProperty('x-session-token');
    expect(later.map(({ url }) => url)).toEqual(['/victim', '/after']);
    for (const request of [...stranger.seen, ...later]) {
      expect(JSON.stringify(request)).not.toContain('mine');
      expect(JSON.stringify(request)).not.toContain(key);
      expect(request.headers).toMatchObject({ accept: 'text/plain' });
    }
  });

  it('brings no credential back either', async () => {
    const stranger = await startStranger(() => `${home.url}/victim`);
    const home = await startServer(({ url }, response) => {
      const location = url === '/start' ? '/near' : `${stranger.url}/`;
      response.writeHead(url === '/victim' ? 200 : 302, { location }).end();
    });
    const egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost'] });
    onTestFinished(() => egress.close());
    const sender = { egress, exchangeTimeoutMs: 10_000, maxResponseBytes: 1000 };
    const random = (byteCount: number) => new Uint8Array(byteCount).fill(7);
    const call = await readCall(`${home.url}/start`, undefined, { maxBodyBytes: 0, random });
    const credential = { origin: call.origin, header: 'L402 bought:here', idempotencyKey: key };
    const { signal } = new AbortController();
    const first = await sendOnce(sender, call, { target: call, withBody: false }, credential, signal);
    await followRedirects(sender, call, first, credential, signal);
    expect(home.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/start', credential.header],
      ['/near', credential.header],
      ['/victim', undefined],
    ]);
    expect(JSON.stringify([stranger.seen, home.seen.at(-1)])).not.toContain(key);
  });

  it('buys nothing at home', async () => {
    const { client, lightning } = newClient();
    const stranger = await startStranger(() => `${home.url}/priced`);
    const seller = await startSeller({ issuer: lightning.issuer });
    const home = await startServer(async ({ url }, response) => {
      if (url === '/start') return response.writeHead(302, { location: stranger.url }).end();
      const offer = await fetch(`${seller.url}${url}`);
      const challenge = { 'www-authenticate': offer.headers.get('www-authenticate') ?? '' };
      return response.writeHead(offer.status, challenge).end(await offer.text());
    });
    const result = await client.tryFetch(`${home.url}/start`, { headers: secrets });
    expect(result).toMatchObject({ ok: false, code: 'REDIRECT_REFUSED', fundsMoved: 'no' });
    expect(home.seen).toHaveLength(2);
    expect(lightning.payments()).toEqual([]);
  });
});
