import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A seller that streams: each paid request opens a stream that the test writes to. */
async function setTheScene(options: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const opened = openGate<ServerResponse>();
  const closed = openGate<void>();
  const seller = await startSeller({
    issuer: lightning.issuer,
    onPaid: (_, response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-payment-outcome': 'charged' });
      response.write('data: 1\n\n');
      opened.resolve(response);
      return true;
    },
  });
  const store = temporaryStore();
  const client = new L402Client({ wallet: lightning.payer, store, ...options });
  clients.push(client);
  return { lightning, seller, store, client, url: `${seller.url}/events`, opened, closed };
}

function readerOf(response: Response) {
  const reader = response.body?.getReader();
  return { next: async () => Buffer.from((await reader?.read())?.value ?? []).toString(), reader };
}

describe('a paid stream of events', () => {
  it('is handed on as it comes: each event before the next is written', async () => {
    const { client, url, opened, store } = await setTheScene();
    const response = await client.fetch(url);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const { next, reader } = readerOf(response);
    expect(await next()).toBe('data: 1\n\n');
    const stream = await opened.promise;
    for (const number of [2, 3, 4]) {
      stream.write(`data: ${number}\n\n`);
      expect(await next()).toBe(`data: ${number}\n\n`);
    }
    // Charged and written down while it still runs.
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'charged' }]);
    stream.end();
    expect(await reader?.read()).toEqual({ done: true, value: undefined });
  });

  it('ends at its seller when its reader has enough', async () => {
    const { client, url, closed } = await setTheScene();
    const { next, reader } = readerOf(await client.fetch(url));
    await next();
    await reader?.cancel();
    await closed.promise;
  });

  it.each([
    ['for one call', {}],
    ['for a call with a key', { headers: { 'idempotency-key': 'mine' } }],
  ])('ends when its caller leaves, %s, and is not paid for again by itself', async (_, init) => {
    const { client, url, closed, lightning, seller } = await setTheScene();
    const leaving = new AbortController();
    const { next, reader } = readerOf(await client.fetch(url, { ...init, signal: leaving.signal }));
    await next();
    leaving.abort('enough');
    await expect(reader?.read()).rejects.toMatchObject({ code: expect.stringMatching(/^(EGRESS|CALL)_ABORTED$/) });
    await closed.promise;
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(seller.seen).toHaveLength(2);
  });

  it('that breaks says so, and has no end that looks like one', async () => {
    const { client, url, opened } = await setTheScene();
    const { next, reader } = readerOf(await client.fetch(url));
    await next();
    (await opened.promise).destroy();
    await expect(reader?.read()).rejects.toMatchObject({ code: 'EGRESS_BROKEN' });
  });
});
