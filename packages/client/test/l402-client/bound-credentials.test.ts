import { createHash, randomBytes } from 'node:crypto';
import { attenuate, decodeMacaroon, encodeMacaroon } from '@satway/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { L402Client, type PurchaseStore, type TokenFile } from '../../src/index.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { challenge, mintToken, paidHash, type SeenRequest, startServer } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex');
const queryOf = (url: string) => url.split('?')[1] ?? '';
const pathOf = (url: string) => url.split('?')[0] ?? '';

type Bound = { readonly bodySha256Hex?: string; readonly querySha256Hex?: string };
const byBody = ({ body }: SeenRequest): Bound => ({ bodySha256Hex: sha256Hex(body) });
const byQuery = ({ url }: SeenRequest): Bound => ({ querySha256Hex: sha256Hex(queryOf(url)) });

/** Sells three uses of the very thing that was asked for, and says in the token what it depends on. */
async function startBoundSeller({ issuer }: Lightning, boundBy: (request: SeenRequest) => Bound) {
  const soldFor = new Map<string, string>();
  const used = new Map<string, number>();
  /** What was shown a credential that was not sold for it. */
  const shownInVain: string[] = [];
  const server = await startServer(async (request, response) => {
    const thing = `${pathOf(request.url)} ${JSON.stringify(boundBy(request))}`;
    const hash = paidHash(request);
    if (hash !== null && soldFor.get(hash) === thing && (used.get(hash) ?? 0) < 3) {
      used.set(hash, (used.get(hash) ?? 0) + 1);
      response.writeHead(200, { 'x-payment-outcome': 'charged' }).end(`${request.url} ${request.body}`);
      return;
    }
    if (hash !== null && soldFor.get(hash) !== thing)
      shownInVain.push(`${request.method} ${request.url} ${request.body}`);
    const { paymentHashHex, invoice } = await issuer.create({
      amountMsat: 5000,
      description: 'it',
      expirySeconds: 600,
    });
    soldFor.set(paymentHashHex, thing);
    challenge(response, mintToken({ paymentHashHex, uses: 3, bound: boundBy(request) }), invoice);
  });
  return { ...server, used, shownInVain };
}

function openBuyer(lightning: Lightning): { client: L402Client; store: PurchaseStore } {
  const store = temporaryStore();
  const client = new L402Client({ wallet: lightning.payer, store });
  onTestFinished(() => client.close());
  return { client, store };
}

const statesIn = (store: PurchaseStore) => store.credentials.list().map(({ state }) => state);

describe('a credential of several uses', () => {
  it.each([
    ['body', byBody, (thing: string) => ['/item', { method: 'POST', body: thing }] as const],
    ['query', byQuery, (thing: string) => [`/item?q=${thing}`, {}] as const],
    [
      'body and query',
      (request: SeenRequest) => ({ ...byBody(request), ...byQuery(request) }),
      (thing: string) => [`/item?q=${thing}`, { method: 'POST', body: thing }] as const,
    ],
  ])(
    'that is bound to its %s is shown with no other, and is used up before anything is bought again',
    async (_, boundBy, ask) => {
      const lightning = openLightning();
      const seller = await startBoundSeller(lightning, boundBy);
      const { client, store } = openBuyer(lightning);
      for (const thing of ['A', 'B', 'A', 'B', 'A', 'B']) {
        const [path, init] = ask(thing);
        expect((await client.fetch(seller.url + path, init)).status).toBe(200);
      }
      expect(lightning.settledMsat()).toEqual([5000, 5000]);
      expect([...seller.used.values()]).toEqual([3, 3]);
      expect(seller.shownInVain).toEqual([]);
      // Each thing is asked for unpaid once: from then on it is known what opens it.
      expect(seller.seen).toHaveLength(8);
      expect(statesIn(store)).toEqual(['good', 'good']);
    },
  );

  it('that is bound to nothing is used for everything there, beside those that are', async () => {
    const lightning = openLightning();
    const boundOrNot = (request: SeenRequest) => (request.method === 'POST' ? byBody(request) : {});
    const seller = await startBoundSeller(lightning, boundOrNot);
    const { client } = openBuyer(lightning);
    for (const query of ['1', '2', '3']) await client.fetch(`${seller.url}/item?q=${query}`);
    for (const body of ['A', 'B', 'A']) await client.fetch(`${seller.url}/item`, { method: 'POST', body });
    expect(lightning.settledMsat()).toHaveLength(3);
    expect(seller.shownInVain).toEqual([]);
  });

  it('of a format that says nothing is used for its very URL and method alone', async () => {
    const lightning = openLightning();
    const { client, store } = openBuyer(lightning);
    const soldFor = new Map<string, string>();
    const shownInVain: string[] = [];
    const seller = await startServer(async (request, response) => {
      const thing = `${request.method} ${request.url}`;
      const [, token] = /^L402 ([^:]+):/.exec(request.headers.authorization ?? '') ?? [];
      if (token !== undefined && soldFor.get(token) === thing) return void response.writeHead(200).end(thing);
      if (token !== undefined) shownInVain.push(thing);
      const { invoice } = await lightning.issuer.create({ amountMsat: 5000, description: 'it', expirySeconds: 600 });
      const offered = randomBytes(24).toString('base64url');
      soldFor.set(offered, thing);
      response.writeHead(402, { 'www-authenticate': `L402 macaroon="${offered}", invoice="${invoice}"` }).end();
    });
    for (let round = 0; round < 3; round++) {
      for (const query of ['1', '2']) {
        expect((await client.fetch(`${seller.url}/item?q=${query}`)).status).toBe(200);
        expect((await client.fetch(`${seller.url}/item?q=${query}`, { method: 'DELETE' })).status).toBe(200);
      }
    }
    expect(lightning.settledMsat()).toHaveLength(4);
    expect(shownInVain).toEqual([]);
    expect(seller.seen).toHaveLength(16);
    expect(statesIn(store)).toEqual(['good', 'good', 'good', 'good']);
  });

  it.each([
    ['body', { bodySha256Hex: 'ab'.repeat(32) }],
    ['query', { querySha256Hex: 'ab'.repeat(32) }],
  ])('that is offered for another %s than the one that was asked with is not paid', async (_, bound) => {
    const lightning = openLightning();
    const seller = await startBoundSeller(lightning, () => bound);
    const { client } = openBuyer(lightning);
    expect(await client.tryFetch(`${seller.url}/item?q=1`, { method: 'POST', body: 'A' })).toMatchObject({
      ok: false,
      code: 'OFFER_UNREADABLE',
      fundsMoved: 'no',
    });
    expect(lightning.settledMsat()).toEqual([]);
  });
});

describe('a credential that somebody narrowed before it was imported', () => {
  function narrowed(caveats: readonly string[], bound: Bound = {}): TokenFile {
    const preimage = randomBytes(32);
    const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
    const minted = decodeMacaroon(Buffer.from(mintToken({ paymentHashHex, uses: 9, bound }), 'base64'));
    if (!minted.ok) throw new Error(minted.detail);
    const macaroon = encodeMacaroon(attenuate(minted.value, [`grant=${'cd'.repeat(16)}`, ...caveats]));
    return {
      macaroon,
      paymentHashHex,
      preimageHex: preimage.toString('hex'),
      amountMsat: 1,
      feeMsat: 0,
      createdAtMs: 1,
    };
  }

  /** Takes any credential for anything, and offers one to everybody else. */
  async function startOpenSeller(lightning: Lightning) {
    const shown: string[] = [];
    const server = await startServer(async (request, response) => {
      const hash = paidHash(request);
      if (hash !== null) {
        shown.push(`${request.method} ${request.url} ${hash}`);
        response.writeHead(200, { 'x-payment-outcome': 'charged' }).end();
        return;
      }
      const { paymentHashHex, invoice } = await lightning.issuer.create({
        amountMsat: 5000,
        description: 'it',
        expirySeconds: 600,
      });
      challenge(response, mintToken({ paymentHashHex, uses: 9 }), invoice);
    });
    return { ...server, shown };
  }

  it.each([
    ['method', ['method=POST'], {}, ['/item', 'GET'], ['/item', 'POST', 3]],
    ['path', ['path_prefix=/v1/item'], {}, ['/v1/items', 'GET'], ['/v1/item/2', 'GET', 4]],
    ['body', [], { bodySha256Hex: sha256Hex('A') }, ['/item', 'GET'], null],
    ['query', [], { querySha256Hex: sha256Hex('q=A') }, ['/item?q=B', 'GET'], ['/item?q=A', 'GET', 3]],
  ] as const)(
    'is not shown beyond its %s, and is kept for what is within',
    async (_, caveats, bound, beyond, within) => {
      const lightning = openLightning();
      const seller = await startOpenSeller(lightning);
      const { client, store } = openBuyer(lightning);
      const token = narrowed(caveats, bound);
      expect(store.credentials.importToken(token, { url: seller.url + beyond[0], nowMs: Date.now() })).toMatchObject({
        ok: true,
      });
      expect(await client.tryFetch(seller.url + beyond[0], { method: beyond[1] })).toMatchObject({
        payment: { source: 'bought' },
      });
      expect(seller.shown.join()).not.toContain(token.paymentHashHex);
      expect(store.credentials.list().find(({ imported }) => imported)).toMatchObject({ state: 'good', usesTaken: 0 });
      if (within === null) return;
      // Taken first: it expires no later than what was bought.
      await client.fetch(seller.url + within[0], { method: within[1] });
      expect(seller.shown.at(-1)).toBe(`${within[1]} ${within[0]} ${token.paymentHashHex}`);
      // Where the place is known, without asking first.
      expect(seller.seen).toHaveLength(within[2]);
    },
  );
});
