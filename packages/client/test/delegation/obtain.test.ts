import { inspect } from 'node:util';
import { redact } from '@satway/base';
import type { InvoicePayer } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import { readHandedToken } from '../../src/delegation/handed-token.js';
import {
  type ClientEvent,
  type Clock,
  delegate,
  fetchWithCredential,
  L402Client,
  type L402ClientOptions,
} from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { ALL_CAVEATS, mintToken, challenge, type SellerOptions, startSeller, startServer } from '../support/seller.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A clock that waits for nothing but what would keep a payment from being waited for. */
const impatient: Clock = {
  nowMs: Date.now,
  sleep: (waitMs, signal) =>
    waitMs < 60_000 ? Promise.resolve() : new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};

/** A seller of ten calls for 50 sats, and an orchestrator. */
async function setTheScene(more: Partial<L402ClientOptions> = {}, shop: Partial<SellerOptions> = {}) {
  const lightning = openLightning();
  const path = temporaryStorePath();
  const store = temporaryStore(path);
  const seller = await startSeller({
    issuer: lightning.issuer,
    priceMsat: 50_000,
    uses: 10,
    caveats: ALL_CAVEATS,
    ...shop,
  });
  const open = (options: Partial<L402ClientOptions> = {}) => {
    const client = new L402Client({ wallet: lightning.payer, store, ...more, ...options });
    clients.push(client);
    return client;
  };
  const paths = () => seller.seen.map(({ url }) => url);
  return { lightning, path, store, seller, open, client: open(), paths, url: `${seller.url}/search` };
}

const hash64 = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('obtaining a credential', () => {
  it('buys it, uses it not, and says what it opens and what it cost', async () => {
    const { client, seller, url, lightning, store } = await setTheScene();
    const obtained = await client.obtain(url);
    expect(obtained).toMatchObject({
      paymentHashHex: hash64,
      origin: seller.url,
      scope: expect.stringMatching(/^endpoint:/),
      usesLeft: 10,
      expiresAtMs: expect.any(Number),
      announcedCaveats: ALL_CAVEATS,
      cost: { paidMsat: 50_000, feeMsat: 0, source: 'bought' },
    });
    expect(lightning.settledMsat()).toEqual([50_000]);
    expect(seller.used).toEqual(new Map());
    expect(seller.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'handed_over', ownerId: null }]);
    expect(readHandedToken(obtained.token)).toMatchObject({ ok: true, value: { origin: seller.url } });
  });

  it('gives what opens the very calls that were paid for, and not one more', async () => {
    const { client, seller, url } = await setTheScene({}, { uses: 2 });
    const { token } = await client.obtain(url);
    expect(await fetchWithCredential(url, token)).toMatchObject({ ok: true, use: { outcome: 'charged' } });
    expect(await fetchWithCredential(url, token)).toMatchObject({ ok: true });
    expect(await fetchWithCredential(url, token)).toMatchObject({ ok: false, code: 'HANDED_CREDENTIAL_REFUSED' });
    expect([...seller.used.values()]).toEqual([2]);
  });

  it('asks for what the seller announces without showing it anything', async () => {
    const { client, seller, url, paths } = await setTheScene();
    await client.obtain(url, {
      headers: { cookie: 'session=mine', 'x-api-key': 'mine', authorization: 'Bearer mine' },
    });
    expect(paths()).toEqual(['/search', '/.well-known/l402-gateway.json']);
    expect(Object.keys(seller.seen[1]?.headers ?? {}).sort()).toEqual(
      ['accept', 'accept-encoding', 'connection', 'host', 'user-agent'].sort(),
    );
  });

  it.each([
    ['announces nothing', undefined, null],
    ['announces an empty list', [], []],
    ['announces no list', 'grant', null],
    ['announces what are no names', ['grant', 'N_USES', 'uses=3', 7, null, '__proto__', 'grant'], ['grant']],
  ])('sells all the same where the seller %s', async (_, caveats, announced) => {
    const { client, url } = await setTheScene({}, { caveats });
    const obtained = await client.obtain(url);
    expect(obtained.announcedCaveats).toEqual(announced);
    if (announced?.includes('grant') !== true) {
      expect(delegate(obtained)).toMatchObject({ ok: false, code: 'DELEGATION_NOT_ANNOUNCED' });
    }
  });

  it('does not follow the seller to a document elsewhere', async () => {
    const stranger = await startServer((_, response) => response.end(JSON.stringify({ caveats: ALL_CAVEATS })));
    const { lightning, client } = await setTheScene();
    const { issuer } = lightning;
    const seller = await startServer(async ({ url }, response) => {
      if (url.startsWith('/.well-known')) {
        // Neither what it points to nor what it says beside that is a document.
        response.writeHead(302, { location: stranger.url }).end(JSON.stringify({ caveats: ALL_CAVEATS }));
        return;
      }
      const { paymentHashHex, invoice } = await issuer.create({
        amountMsat: 5000,
        description: '',
        expirySeconds: 600,
      });
      challenge(response, mintToken({ paymentHashHex }), invoice);
    });
    expect((await client.obtain(seller.url)).announcedCaveats).toBeNull();
    expect(stranger.seen).toEqual([]);
  });

  it.each([
    ['once', 1, ALL_CAVEATS],
    ['whenever it is asked', 100, null],
  ])('goes on where the seller breaks off %s', async (_, breaks, announced) => {
    const { lightning, client } = await setTheScene();
    const { issuer } = lightning;
    let asked = 0;
    const seller = await startServer(async ({ url }, response) => {
      if (url.startsWith('/.well-known')) {
        asked += 1;
        return asked <= breaks ? response.destroy() : response.end(JSON.stringify({ caveats: ALL_CAVEATS }));
      }
      const { paymentHashHex, invoice } = await issuer.create({
        amountMsat: 5000,
        description: '',
        expirySeconds: 600,
      });
      return challenge(response, mintToken({ paymentHashHex }), invoice);
    });
    expect((await client.obtain(seller.url)).announcedCaveats).toEqual(announced);
  });

  it('buys nothing that a stranger has chosen at the own origin of the caller', async () => {
    const { client, seller, url, lightning } = await setTheScene();
    const stranger = await startServer((_, response) => response.writeHead(302, { location: url }).end());
    const front = await startServer((_, response) => response.writeHead(302, { location: stranger.url }).end());
    // From the seller's own origin over a stranger and back to it.
    const home = await startServer(async ({ url: path }, response) => {
      if (path === '/') return response.writeHead(302, { location: `${away.url}/` }).end();
      const { paymentHashHex, invoice } = await lightning.issuer.create({
        amountMsat: 5000,
        description: '',
        expirySeconds: 600,
      });
      return challenge(response, mintToken({ paymentHashHex }), invoice);
    });
    const away = await startServer((_, response) => response.writeHead(302, { location: `${home.url}/chosen` }).end());
    await expect(client.obtain(home.url)).rejects.toMatchObject({ code: 'REDIRECT_REFUSED', fundsMoved: 'no' });
    expect(lightning.payments()).toEqual([]);
    // What a redirect leads to elsewhere is that seller's own.
    expect((await client.obtain(front.url)).origin).toBe(seller.url);
  });

  it('is a purchase like any other: caps, budget and approval hold', async () => {
    const { open, url, lightning } = await setTheScene();
    const refused = (code: string) => expect.objectContaining({ name: 'L402Error', code, fundsMoved: 'no' });
    await expect(open({ maxPerRequestSats: 49 }).obtain(url)).rejects.toEqual(refused('PRICE_ABOVE_LIMIT'));
    await expect(open({ budgetSats: 49, budgetId: 'b' }).obtain(url)).rejects.toEqual(refused('BUDGET_EXHAUSTED'));
    await expect(open({ approve: () => false }).obtain(url)).rejects.toEqual(refused('APPROVAL_DENIED'));
    await expect(open({ hosts: { allow: ['elsewhere.example'] } }).obtain(url)).rejects.toEqual(
      refused('HOST_NOT_ALLOWED'),
    );
    await expect(open().obtain(url, {}, { maxCostSats: 49 })).rejects.toEqual(refused('PRICE_ABOVE_LIMIT'));
    await expect(open().obtain(url, {}, { approve: () => false })).rejects.toEqual(refused('APPROVAL_DENIED'));
    expect(lightning.payments()).toEqual([]);
  });

  it('is spent of the whole budget where a sub-client buys, and stops with everything else', async () => {
    const { client, store, url, lightning } = await setTheScene({ budgetSats: 120 });
    const part = client.subClient({ budgetSats: 60 });
    clients.unshift(part);
    await part.obtain(url);
    expect([part.budget().spentMsat, client.budget().spentMsat]).toEqual([50_000, 50_000]);
    await expect(part.obtain(url)).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    store.budgets.freeze('enough');
    await expect(client.obtain(url)).rejects.toMatchObject({ code: 'BUDGET_FROZEN' });
    expect(lightning.settledMsat()).toEqual([50_000]);
  });

  it('pays nothing where nothing is asked for', async () => {
    const { client, lightning } = await setTheScene();
    const free = await startServer((_, response) => response.end('here you are'));
    await expect(client.obtain(free.url)).rejects.toMatchObject({
      code: 'NOTHING_TO_OBTAIN',
      detail: 'It answers 200.',
      fundsMoved: 'no',
    });
    expect(lightning.payments()).toEqual([]);
  });

  it('buys each time anew, and shares its calls with no call of the client', async () => {
    const { client, url, lightning } = await setTheScene();
    const [one, two] = [await client.obtain(url), await client.obtain(url)];
    expect(one.paymentHashHex).not.toBe(two.paymentHashHex);
    await client.fetch(url);
    expect(lightning.settledMsat()).toEqual([50_000, 50_000, 50_000]);
    // The calls that the client bought for itself it does go on using.
    await client.fetch(url);
    expect(lightning.settledMsat()).toHaveLength(3);
  });

  it('gives the same credential again for the same key, and pays nothing more', async () => {
    const { client, open, url, lightning } = await setTheScene();
    const init = { headers: { 'idempotency-key': 'for-the-researcher' } };
    const [one, two] = await Promise.all([client.obtain(url, init), client.obtain(url, init)]);
    expect(two.token).toBe(one.token);
    const three = await open().obtain(url, init);
    expect(three.token).toBe(one.token);
    expect([one, two, three].map(({ cost }) => cost.paidMsat).filter((paid) => paid > 0)).toEqual([50_000]);
    expect(lightning.settledMsat()).toEqual([50_000]);
    await expect(client.obtain(`${url}/else`, init)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('has a key of its own: what it was given under stands for no call, nor the other way round', async () => {
    const { client, url, lightning } = await setTheScene();
    const key = (value: string) => ({ headers: { 'idempotency-key': value } });
    await client.obtain(url, key('handed'));
    await expect(client.fetch(url, key('handed'))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: 'What it bought was handed over.',
    });
    await (await client.fetch(url, key('used'))).text();
    await expect(client.obtain(url, key('used'))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: 'What it bought was used.',
    });
    expect(lightning.settledMsat()).toHaveLength(2);
  });

  it('loses no payment where the caller leaves: the next call has it', async () => {
    const { client, open, url, lightning, store } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const leaving = new AbortController();
    const left = client.obtain(url, { signal: leaving.signal });
    await lightning.nextPayment();
    leaving.abort('bored');
    await expect(left).rejects.toMatchObject({ code: 'CALL_ABORTED', cause: 'bored' });
    lightning.resolveAll();
    await client.close();
    expect(store.journal.list()).toMatchObject([{ state: 'settled', ownerId: null }]);
    const obtained = await open().obtain(url);
    expect(obtained.cost).toEqual({ paidMsat: 0, feeMsat: 0, source: 'recovered' });
    expect(await fetchWithCredential(url, obtained.token)).toMatchObject({ ok: true });
    expect(lightning.settledMsat()).toEqual([50_000]);
  });

  it('stops before the payment where the caller has left by then', async () => {
    const { open, url, lightning } = await setTheScene();
    const leaving = new AbortController();
    const client = open({
      approve: () => {
        leaving.abort();
        return true;
      },
    });
    await expect(client.obtain(url, { signal: leaving.signal })).rejects.toMatchObject({ code: 'CALL_ABORTED' });
    await client.close();
    expect(lightning.payments()).toEqual([]);
    await expect(open().obtain(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CALL_ABORTED' });
  });

  it('takes up what a call of the same thing paid for and never sent', async () => {
    const { client, open, url, lightning, seller } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const leaving = new AbortController();
    const left = client.tryFetch(url, { signal: leaving.signal });
    await lightning.nextPayment();
    leaving.abort();
    await left;
    lightning.resolveAll();
    await client.close();
    expect(await open().obtain(url)).toMatchObject({ usesLeft: 10, cost: { paidMsat: 0 } });
    expect(seller.used).toEqual(new Map());
    expect(lightning.settledMsat()).toEqual([50_000]);
  });

  it('leaves alone what was sent, since its use may be gone', async () => {
    const { client, url, lightning, seller, store } = await setTheScene(
      {},
      {
        onPaid: (_, response) => {
          response.destroy();
          return true;
        },
      },
    );
    expect(await client.tryFetch(url, { method: 'POST' })).toMatchObject({ ok: false, code: 'ANSWER_LOST' });
    const obtained = await client.obtain(url, { method: 'POST' });
    expect(obtained.cost.source).toBe('bought');
    expect(lightning.settledMsat()).toHaveLength(2);
    expect(seller.used).toEqual(new Map());
    // It waits for the next call of its own, in nobody's hands.
    const sent = store.journal.list().find(({ state }) => state === 'redeeming');
    expect(sent).toMatchObject({ ownerId: null });
  });

  it('blocks a second payment while nobody knows of the first', async () => {
    const { open, url, lightning } = await setTheScene();
    const payments: string[] = [];
    const wallet: InvoicePayer = {
      ...lightning.payer,
      pay: async ({ paymentHashHex }) => {
        payments.push(paymentHashHex);
        return { state: 'unknown', detail: 'no answer' };
      },
      lookUp: async () => ({ state: 'inFlight' }),
    };
    const unknown = { code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown' };
    await expect(open({ wallet, clock: impatient }).obtain(url)).rejects.toMatchObject(unknown);
    await expect(open({ wallet, clock: impatient }).obtain(url)).rejects.toMatchObject(unknown);
    expect(payments).toHaveLength(1);
  });

  it('says once that what was paid for has expired unused', async () => {
    const { client, store, url, lightning, open } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const leaving = new AbortController();
    const left = client.obtain(url, { signal: leaving.signal });
    await lightning.nextPayment();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'CALL_ABORTED' });
    lightning.resolveAll();
    await client.close();
    expect(store.journal.list()).toMatchObject([{ state: 'settled', ownerId: null }]);
    const clock = { nowMs: () => Date.now() + 86_400_000, sleep: async () => undefined };
    const late = open({ clock });
    await expect(late.obtain(url)).rejects.toMatchObject({ code: 'CREDENTIAL_EXPIRED', fundsMoved: 'yes' });
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'expired unused' }]);
    expect(await open().obtain(url)).toMatchObject({ cost: { source: 'bought' } });
  });

  it('tells what it hands over, and shows the token nowhere', async () => {
    const events: ClientEvent[] = [];
    const { open, url, seller } = await setTheScene();
    const obtained = await open({ onEvent: (event) => void events.push(event) }).obtain(url);
    expect(events.at(-1)).toEqual({
      type: 'handed_over',
      paymentHashHex: obtained.paymentHashHex,
      origin: seller.url,
      usesLeft: 10,
    });
    const read = readHandedToken(obtained.token);
    const { preimageHex = 'none', macaroonText = 'none' } = read.ok ? read.value : {};
    const shown = [
      JSON.stringify(obtained),
      inspect(obtained),
      JSON.stringify(redact(obtained)),
      JSON.stringify(events),
    ];
    for (const text of shown) {
      expect(text).not.toContain('satway_credential');
      expect(text).not.toContain(preimageHex);
      expect(text).not.toContain(macaroonText.slice(-30));
    }
  });

  it('is bound to the seller that sold it, also behind a redirect', async () => {
    const { client, seller } = await setTheScene();
    const front = await startServer((_, response) =>
      response.writeHead(307, { location: `${seller.url}/search` }).end(),
    );
    const obtained = await client.obtain(front.url);
    expect(obtained.origin).toBe(seller.url);
    expect(front.seen.map(({ url }) => url)).toEqual(['/']);
    expect(await fetchWithCredential(front.url, obtained.token)).toMatchObject({ code: 'CREDENTIAL_OTHER_ORIGIN' });
    expect(front.seen).toHaveLength(1);
  });

  it('does nothing once the client is closed', async () => {
    const { client, url } = await setTheScene();
    await client.close();
    await expect(client.obtain(url)).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it('goes on where a second process has the same key in hand', async () => {
    const { client, url, path, lightning } = await setTheScene();
    const [asked, gate] = [openGate<void>(), openGate<boolean>()];
    const approve = () => {
      asked.resolve();
      return gate.promise;
    };
    const other = new L402Client({ wallet: lightning.payer, store: temporaryStore(path), approve });
    clients.push(other);
    const init = { headers: { 'idempotency-key': 'one-thing' } };
    const slow = other.obtain(url, init);
    await asked.promise;
    await expect(client.obtain(url, init)).rejects.toMatchObject({ code: 'PURCHASE_UNDER_WAY' });
    gate.resolve(true);
    const { token } = await slow;
    expect((await client.obtain(url, init)).token).toBe(token);
    expect(lightning.settledMsat()).toEqual([50_000]);
  });
});
