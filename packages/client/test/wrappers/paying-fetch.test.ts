import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Request as OtherRequest } from 'undici';
import { createPayingFetch, findL402Error, L402Client, type L402ClientOptions, L402Error } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { type SellerOptions, startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

async function setTheScene(options: Partial<L402ClientOptions> = {}, selling: Partial<SellerOptions> = {}) {
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer, ...selling });
  const store = temporaryStore();
  const client = new L402Client({ wallet: lightning.payer, store, ...options });
  onTestFinished(() => client.close());
  return { lightning, seller, store, client, url: `${seller.url}/item` };
}

/** Somebody else's code, which knows the global function alone. */
async function getJson(url: string): Promise<unknown> {
  const response = await globalThis.fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

describe('a paying fetch', () => {
  it('stands in for the global one, so that code which knows nothing of payments pays', async () => {
    const { client, url, lightning } = await setTheScene();
    vi.stubGlobal('fetch', createPayingFetch(client));
    try {
      expect(await getJson(url)).toMatchObject({ answer: 1 });
    } finally {
      vi.unstubAllGlobals();
    }
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  const body = JSON.stringify({ want: 'this' });
  const streamOf = (text: string) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });
  it.each<[string, (url: string) => [unknown, RequestInit?]]>([
    ['a string and init', (url) => [url, { method: 'POST', body }]],
    ['a URL', (url) => [new URL(url), { method: 'POST', body }]],
    ['a Request', (url) => [new Request(url, { method: 'POST', body })]],
    ['a Request and init on top', (url) => [new Request(url), { method: 'POST', body }]],
    ['a stream as body', (url) => [url, { method: 'POST', body: streamOf(body), duplex: 'half' } as RequestInit]],
    ['the Request of another implementation', (url) => [new OtherRequest(url, { method: 'POST', body })]],
  ])('takes %s, and sends the body on both legs', async (_, input) => {
    const { client, url, seller } = await setTheScene();
    const [target, init] = input(url);
    const response = await createPayingFetch(client)(target as string, init);
    expect([response.status, await response.json()]).toMatchObject([200, { body }]);
    expect(seller.seen.map(({ method, body: seen }) => [method, seen])).toEqual([
      ['POST', body],
      ['POST', body],
    ]);
  });

  it('passes the answer on while it is still being sent', async () => {
    const { client, url } = await setTheScene(
      {},
      {
        onPaid: (_, response) => {
          response.writeHead(200, { 'x-payment-outcome': 'charged', 'content-type': 'text/event-stream' });
          response.write('data: 1\n\n');
          return true;
        },
      },
    );
    const response = await createPayingFetch(client)(url);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    await reader?.cancel();
  });

  it('rejects with the reason of the signal where the caller gave up, and loses no payment', async () => {
    const { client, url, lightning, store } = await setTheScene();
    lightning.addFault({ kind: 'slow', delayMs: 300 });
    const payingFetch = createPayingFetch(client);
    const controller = new AbortController();
    const outcome = payingFetch(url, { signal: controller.signal }).catch((error: unknown) => error);
    await lightning.nextPayment();
    controller.abort();
    expect(await outcome).toBe(controller.signal.reason);
    expect(await outcome).toMatchObject({ name: 'AbortError' });
    // On the disk, and out of the hands of the call that was given up.
    const free = [expect.objectContaining({ state: 'settled', ownerId: null })];
    await vi.waitFor(() => expect(store.journal.list()).toEqual(free), 60_000);
    expect((await payingFetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('rejects with a typed error where nothing could be had', async () => {
    const { client, url, lightning } = await setTheScene({ maxPerRequestSats: 1 });
    const failure = await createPayingFetch(client)(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(L402Error);
    expect(failure).toMatchObject({ code: 'PRICE_ABOVE_LIMIT', fundsMoved: 'no' });
    expect(lightning.payments()).toEqual([]);
  });

  it('holds each call to what it was made with', async () => {
    const { client, url, lightning } = await setTheScene();
    const payingFetch = createPayingFetch(client, { maxCostSats: 4 });
    await expect(payingFetch(url)).rejects.toMatchObject({ code: 'PRICE_ABOVE_LIMIT' });
    expect(lightning.payments()).toEqual([]);
  });
});

describe('findL402Error', () => {
  it('finds ours inside of others’, by code where one is given, and ends in a circle too', () => {
    const ours = new L402Error('PAYMENT_UNKNOWN');
    const wrapped = new Error('outer', { cause: new Error('inner', { cause: ours }) });
    expect(findL402Error(wrapped)).toBe(ours);
    expect(findL402Error(wrapped, 'PAYMENT_UNKNOWN')).toBe(ours);
    expect(findL402Error(wrapped, 'PAYMENT_FAILED')).toBeNull();
    const circle = new Error('circle');
    circle.cause = circle;
    for (const none of [circle, null, 'text', new Error('plain')]) expect(findL402Error(none)).toBeNull();
  });
});
