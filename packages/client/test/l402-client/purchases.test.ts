import { afterEach, describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions, type PurchaseStore } from '../../src/index.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { type Seller, type SellerOptions, startSeller, startServer } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

interface Scene {
  readonly lightning: Lightning;
  readonly store: PurchaseStore;
  readonly seller: Seller;
  readonly client: L402Client;
  readonly url: string;
}

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function newClient(scene: Pick<Scene, 'lightning' | 'store'>, options: Partial<L402ClientOptions> = {}): L402Client {
  const client = new L402Client({ wallet: scene.lightning.payer, store: scene.store, ...options });
  clients.push(client);
  return client;
}

async function setTheScene(
  selling: Partial<SellerOptions> = {},
  options: Partial<L402ClientOptions> = {},
): Promise<Scene> {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer, ...selling });
  return { lightning, store, seller, client: newClient({ lightning, store }, options), url: `${seller.url}/item/1` };
}

/** The answer to the first paid request of each payment is given by hand. */
function firstPaid(answer: NonNullable<SellerOptions['onPaid']>): Partial<SellerOptions> {
  const seen = new Set<string>();
  return {
    onPaid(request, response, hash) {
      if (seen.has(hash)) return false;
      seen.add(hash);
      return answer(request, response, hash);
    },
  };
}

describe('a purchase', () => {
  it('pays the invoice once and gives the answer, the price and the books', async () => {
    const { lightning, store, client, url, seller } = await setTheScene();
    const result = await client.tryFetch(url);
    expect(result).toMatchObject({ ok: true, payment: { paidMsat: 5000, feeMsat: 0, source: 'bought' } });
    expect(result.ok && (await result.response.json())).toEqual({ answer: 1, url: '/item/1', body: '' });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(store.budgets.state('default')).toMatchObject({ spentMsat: 5000, reservedMsat: 0 });
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'charged' }]);
    expect(seller.seen).toHaveLength(2);
  });

  it('passes a free answer on without touching wallet or journal', async () => {
    const server = await startServer((_, response) => response.writeHead(203, { 'x-free': 'yes' }).end('hello'));
    const { lightning, store, client } = await setTheScene();
    const response = await client.fetch(`${server.url}/free#part`);
    expect([response.status, response.headers.get('x-free'), response.url, await response.text()]).toEqual([
      203,
      'yes',
      `${server.url}/free`,
      'hello',
    ]);
    expect(lightning.settledMsat()).toEqual([]);
    expect(store.journal.list()).toEqual([]);
  });

  it('takes a Request, sends its body on both legs under one Idempotency-Key of 128 bits', async () => {
    const { client, url, seller } = await setTheScene();
    const request = new Request(url, { method: 'POST', body: 'what I want', headers: { 'x-mine': '1' } });
    expect(await (await client.fetch(request)).json()).toMatchObject({ body: 'what I want' });
    const [unpaid, paid] = seller.seen;
    expect([unpaid?.body, paid?.body, paid?.headers['x-mine']]).toEqual(['what I want', 'what I want', '1']);
    expect(unpaid?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(paid?.headers['idempotency-key']).toBe(unpaid?.headers['idempotency-key']);
  });

  it('hands the body on while it is still being sent', async () => {
    const { client, url } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(200, { 'x-payment-outcome': 'charged' }).write('first');
        return true;
      }),
    );
    const reader = (await client.fetch(url)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
    await reader?.cancel();
  });

  it('is not hurt by a listener that throws, at once or later', async () => {
    const types: string[] = [];
    const { client, url } = await setTheScene(
      {},
      {
        onEvent: ({ type }) => {
          types.push(type);
          if (types.length % 2 === 0) throw new TypeError('listener');
          return Promise.reject(new TypeError('listener'));
        },
      },
    );
    expect((await client.fetch(url)).status).toBe(200);
    expect(types).toEqual(['asked', 'challenged', 'reserved', 'paying', 'paid', 'redeeming', 'redeemed']);
  });

  it('is told in events, errors and results without a secret', async () => {
    const seen: unknown[] = [];
    const { client, url, store } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(402).end();
        return true;
      }),
      { onEvent: (event) => seen.push(event) },
    );
    const result = await client.tryFetch(url);
    const [purchase] = store.journal.list();
    const secrets = store.credentials.ofPurchase(purchase?.purchaseId ?? '');
    const told = JSON.stringify([seen, result, store.journal.list()]);
    expect(secrets?.preimageHex).toMatch(/^[0-9a-f]{64}$/);
    expect(told).not.toContain(secrets?.preimageHex);
    expect(told).not.toContain(secrets?.macaroonText);
  });
});

describe('a credential for several calls', () => {
  it('is used up before another is bought, and a known path needs no unpaid leg', async () => {
    const { lightning, client, url, seller } = await setTheScene({ uses: 3 });
    for (let count = 0; count < 4; count++) expect((await client.fetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000, 5000]);
    expect(seller.seen).toHaveLength(6);
  });

  it('opens another path of the same endpoint', async () => {
    const { lightning, client, seller } = await setTheScene({ uses: 3 });
    expect((await client.fetch(`${seller.url}/item/1`)).status).toBe(200);
    expect(await client.tryFetch(`${seller.url}/item/2`)).toMatchObject({
      ok: true,
      payment: { paidMsat: 0, source: 'cached' },
    });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('is shared by calls at the same time: those who come later wait, use what is left, then buy', async () => {
    const { lightning, client, seller } = await setTheScene({ uses: 3 });
    const calls = Array.from({ length: 6 }, (_, index) => client.fetch(`${seller.url}/item/${index}`));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(lightning.settledMsat()).toEqual([5000, 5000]);
    expect([...seller.used.values()]).toEqual([3, 3]);
  });

  it('is dropped when it is refused from the cache, and bought anew', async () => {
    let refuse = false;
    const { lightning, client, url } = await setTheScene({
      uses: 3,
      onPaid: (request, response) => {
        if (!refuse) return false;
        refuse = false;
        response.writeHead(401).end(request.url);
        return true;
      },
    });
    await client.fetch(url);
    refuse = true;
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { source: 'bought' } });
    expect(lightning.settledMsat()).toEqual([5000, 5000]);
  });
});

describe('one Idempotency-Key', () => {
  const named = (key: string, body = 'x') => ({ method: 'POST', body, headers: { 'Idempotency-Key': key } });

  it('pays once and shares the answer, at the same time and later', async () => {
    const { lightning, client, url, seller } = await setTheScene();
    const together = await Promise.all([1, 2, 3].map(() => client.fetch(url, named('call-1'))));
    const bodies = await Promise.all(
      [...together, await client.fetch(url, named('call-1'))].map((each) => each.text()),
    );
    expect(new Set(bodies).size).toBe(1);
    expect(lightning.settledMsat()).toEqual([5000]);
    expect([...seller.used.values()]).toEqual([1]);
  });

  it('buys apart from another key for the same thing', async () => {
    const { lightning, client, url } = await setTheScene();
    await Promise.all(['a', 'b', 'c'].map((key) => client.fetch(url, named(key))));
    expect(lightning.settledMsat()).toEqual([5000, 5000, 5000]);
  });

  it('is refused for another call', async () => {
    const { lightning, client, url } = await setTheScene();
    await client.fetch(url, named('call-1'));
    expect(await client.tryFetch(url, named('call-1', 'y'))).toMatchObject({
      ok: false,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(lightning.settledMsat()).toEqual([5000]);
  });
});

describe('a seller who', () => {
  it('answers 402 after payment is stopped: credential kept, nothing paid again', async () => {
    const { lightning, client, url, store, seller } = await setTheScene({
      onPaid: (_, response) => {
        response.writeHead(402).end();
        return true;
      },
    });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAID_CREDENTIAL_REFUSED', fundsMoved: 'yes' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'SELLER_STOPPED', fundsMoved: 'no' });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(store.credentials.stoppedOrigins()).toEqual([seller.url]);
    store.credentials.liftStop(seller.url);
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAID_CREDENTIAL_REFUSED' });
  });

  it('is busy is asked again after the time that it names', async () => {
    const waits: number[] = [];
    const clock = {
      nowMs: Date.now,
      sleep: async (waitMs: number, signal?: AbortSignal) => {
        if (signal === undefined || !signal.aborted) waits.push(waitMs);
        return new Promise<void>((resolve) =>
          waitMs > 10_000 ? signal?.addEventListener('abort', () => resolve()) : resolve(),
        );
      },
    };
    const { lightning, client, url } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(409, { 'retry-after': '2', 'x-payment-outcome': 'not_charged' }).end();
        return true;
      }),
      { clock },
    );
    expect((await client.fetch(url)).status).toBe(200);
    expect(waits).toContain(2000);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('asks for a wait beyond the limit is not waited for, and the credential serves the next call', async () => {
    const { lightning, client, url } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(409, { 'retry-after': '600' }).end();
        return true;
      }),
    );
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'CLAIM_STILL_RUNNING', fundsMoved: 'yes' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { paidMsat: 0, source: 'recovered' } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('gives a failed call back is asked again for free', async () => {
    const { lightning, client, url, seller } = await setTheScene(
      firstPaid((_, response) => {
        const headers = {
          'retry-after': '0',
          'x-payment-outcome': 'released',
          'x-payment-code': 'upstream_failed_retryable',
        };
        response.writeHead(502, headers).end();
        return true;
      }),
    );
    expect((await client.fetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
    const [, first, second] = seller.seen;
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  it('cannot answer (503) leaves the credential for the next call', async () => {
    const { lightning, client, url } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(503).end('later');
        return true;
      }),
    );
    expect((await client.fetch(url)).status).toBe(503);
    expect((await client.fetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('cuts the connection under a paid GET is asked once more with the same key', async () => {
    const { lightning, client, url, seller } = await setTheScene(
      firstPaid((_, response) => {
        response.destroy();
        return true;
      }),
    );
    expect((await client.fetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(seller.seen).toHaveLength(3);
  });

  it('cuts the connection under a paid POST is not asked again by itself, and the next call gets the lost answer', async () => {
    const { lightning, client, url, seller } = await setTheScene(
      firstPaid((_, response) => {
        response.destroy();
        return true;
      }),
    );
    const post = { method: 'POST', body: 'once' };
    expect(await client.tryFetch(url, post)).toMatchObject({ ok: false, code: 'ANSWER_LOST', fundsMoved: 'yes' });
    expect(seller.seen).toHaveLength(2);
    expect(await client.tryFetch(url, post)).toMatchObject({ ok: true, payment: { source: 'recovered', paidMsat: 0 } });
    expect(seller.seen[2]?.headers['idempotency-key']).toBe(seller.seen[1]?.headers['idempotency-key']);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('cuts a short answer in the middle has not answered yet', async () => {
    const { lightning, client, url } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(200, { 'content-length': '100', 'x-payment-outcome': 'charged' }).write('half');
        setImmediate(() => response.destroy());
        return true;
      }),
    );
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'ANSWER_LOST' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { source: 'recovered' } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('redirects a paid request elsewhere shows nobody else the credential, the key or a cookie', async () => {
    const thief = await startServer((_, response) => response.end('got you'));
    const { client, url, store } = await setTheScene(
      firstPaid((_, response) => {
        response.writeHead(302, { location: `${thief.url}/loot` }).end();
        return true;
      }),
    );
    const response = await client.fetch(url, { headers: { cookie: 'a=b', 'x-api-key': 'k', 'x-session-token': 't' } });
    expect(await response.text()).toBe('got you');
    const [stolen] = thief.seen;
    expect(thief.seen).toHaveLength(1);
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-session-token'])
      expect(stolen?.headers[name]).toBeUndefined();
    expect(stolen?.headers['idempotency-key']).not.toBe(store.journal.list()[0]?.idempotencyKey);
  });

  it('sells in a format that cannot be read, and redirects elsewhere, shows nobody else the token either', async () => {
    const lightning = openLightning();
    const { invoice } = await lightning.issuer.create({ amountMsat: 5000, description: 'x', expirySeconds: 60 });
    const thief = await startServer((_, response) => response.end('got you'));
    const shop = await startServer(({ headers, url }, response) => {
      if (headers.authorization === undefined) {
        response.writeHead(402, { 'www-authenticate': `L402 macaroon="opaque-token", invoice="${invoice}"` }).end();
      } else if (url === '/first') response.writeHead(302, { location: '/second' }).end();
      else response.writeHead(302, { location: `${thief.url}/loot` }).end();
    });
    const client = newClient({ lightning, store: temporaryStore() });
    expect(await (await client.fetch(`${shop.url}/first`)).text()).toBe('got you');
    expect(shop.seen.map(({ headers }) => headers.authorization?.split(':')[0])).toEqual([
      undefined,
      'L402 opaque-token',
      'L402 opaque-token',
    ]);
    expect(thief.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('redirects the unpaid request sells at the place where it sends', async () => {
    const { seller, client, lightning } = await setTheScene();
    const door = await startServer((_, response) =>
      response.writeHead(307, { location: `${seller.url}/item/7` }).end(),
    );
    const response = await client.fetch(`${door.url}/anything`);
    expect(await response.json()).toMatchObject({ url: '/item/7' });
    expect(response.url).toBe(`${seller.url}/item/7`);
    expect(door.seen).toHaveLength(1);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('offers the invoice of another seller gets neither money nor preimage', async () => {
    const { client, url, seller, lightning } = await setTheScene();
    await client.fetch(url);
    const [, paid] = seller.seen;
    const invoice = lightning.invoices()[0];
    const macaroon = /^L402 ([^:]+):/.exec(paid?.headers.authorization ?? '')?.[1] ?? '';
    const thief = await startServer((_, response) => {
      const line = `L402 macaroon="${macaroon}", invoice="${invoice}", version="0", token="${macaroon}"`;
      response.writeHead(402, { 'www-authenticate': line }).end();
    });
    expect(await client.tryFetch(`${thief.url}/item`)).toMatchObject({
      ok: false,
      code: 'PAYMENT_HASH_REUSED',
      fundsMoved: 'yes',
    });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(thief.seen).toHaveLength(1);
  });
});

describe('a wallet that', () => {
  it('loses its reply is looked up, and the call goes on', async () => {
    const { lightning, client, url } = await setTheScene();
    lightning.addFault({ kind: 'replyLost' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { source: 'bought' } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('is stuck leaves the payment unknown: no second payment, and the next call finds it settled', async () => {
    const { lightning, client, url, store } = await setTheScene({}, { paymentTimeoutMs: 50 });
    lightning.addFault({ kind: 'stuckThenSettled' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    expect(lightning.payments()).toHaveLength(1);
    lightning.resolveAll();
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { source: 'recovered', paidMsat: 0 } });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 5000 });
  });

  it('fails late gives the reservation back, and the next call pays anew', async () => {
    const { lightning, client, url, store } = await setTheScene();
    lightning.addFault({ kind: 'failedLate', delayMs: 5 });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_FAILED', fundsMoved: 'no' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
    expect(await client.tryFetch(url)).toMatchObject({ ok: true });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('shows a wrong preimage is believed in nothing', async () => {
    const { lightning, url, store } = await setTheScene();
    const wrong = '00'.repeat(32);
    const lying = {
      ...lightning.payer,
      pay: async () => ({ state: 'settled', preimageHex: wrong, amountMsat: 5000, feeMsat: 0 }) as const,
    };
    const client = newClient({ lightning, store }, { wallet: lying });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PREIMAGE_WRONG', fundsMoved: 'unknown' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
    expect(store.journal.list()).toMatchObject([{ state: 'unknown' }]);
  });

  it('throws before anything was sent has moved nothing', async () => {
    const { lightning, url, store } = await setTheScene();
    const { SatwayError } = await import('@satway/base');
    const down = { ...lightning.payer, pay: () => Promise.reject(new SatwayError('WALLET_UNREACHABLE')) };
    const client = newClient({ lightning, store }, { wallet: down });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_FAILED', fundsMoved: 'no' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0 });
  });

  it('throws anything else proves nothing', async () => {
    const { lightning, url, store } = await setTheScene();
    const broken = { ...lightning.payer, pay: () => Promise.reject(new TypeError('socket hang up')) };
    const client = newClient(
      { lightning, store },
      {
        wallet: broken,
        clock: {
          nowMs: Date.now,
          sleep: async (waitMs) => (waitMs > 10_000 ? new Promise(() => undefined) : undefined),
        },
      },
    );
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000 });
  });

  it('costs more than it was allowed freezes the budget', async () => {
    const { lightning, url, store } = await setTheScene();
    const greedy = {
      ...lightning.payer,
      feeCeilingMsat: () => null,
      pay: async (request: Parameters<typeof lightning.payer.pay>[0]) => {
        const paid = await lightning.payer.pay(request);
        return paid.state === 'settled' ? { ...paid, feeMsat: 5000 } : paid;
      },
    };
    const client = newClient({ lightning, store }, { wallet: greedy });
    expect(await client.tryFetch(url)).toMatchObject({ ok: true, payment: { feeMsat: 5000 } });
    expect(store.budgets.state('default')).toMatchObject({ spentMsat: 10_000, frozenReason: 'overrun' });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'BUDGET_FROZEN' });
  });
});

describe('a caller who leaves', () => {
  it('while the wallet pays loses nothing: the next call is served by that payment', async () => {
    const { lightning, client, url, store } = await setTheScene();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const leaving = new AbortController();
    const left = client.tryFetch(url, { signal: leaving.signal });
    await lightning.nextPayment();
    leaving.abort('gone');
    expect(await left).toMatchObject({ ok: false, code: 'CALL_ABORTED' });
    lightning.resolveAll();
    await client.close();
    const later = newClient({ lightning, store: store });
    expect(await later.tryFetch(url)).toMatchObject({ ok: true, payment: { source: 'recovered', paidMsat: 0 } });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('before the wallet is asked pays nothing', async () => {
    const leaving = new AbortController();
    const { lightning, client, url, store } = await setTheScene(
      {},
      {
        approve: () => {
          leaving.abort('no');
          return true;
        },
      },
    );
    expect(await client.tryFetch(url, { signal: leaving.signal })).toMatchObject({ ok: false, code: 'CALL_ABORTED' });
    await client.close();
    expect(lightning.payments()).toEqual([]);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
  });
});
