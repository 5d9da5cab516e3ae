import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countingFactory, GOOD_HEADERS, INITIALIZE, send, serveHere, TOKEN } from './scene.js';

const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };

/** What both generations of stock clients can do here. */
interface Counter {
  count(): Promise<unknown>;
  close(): Promise<void>;
}

const textOf = (result: unknown): unknown => (result as { content: { text: string }[] }).content[0]?.text;

async function connectV1(url: string): Promise<Counter> {
  const client = new ClientV1({ name: 'v1', version: '1' });
  await client.connect(new TransportV1(new URL(url), { requestInit }));
  onTestFinished(() => client.close());
  return {
    count: async () => textOf(await client.callTool({ name: 'count' })),
    close: () => client.close(),
  };
}

const connectV2 =
  (mode: 'legacy' | 'auto') =>
  async (url: string): Promise<Counter> => {
    const client = new ClientV2({ name: 'v2', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new TransportV2(new URL(url), { requestInit }));
    onTestFinished(() => client.close());
    return {
      count: async () => textOf(await client.callTool({ name: 'count' })),
      close: () => client.close(),
    };
  };

const CLIENTS = [
  ['v1, protocol 2025-11-25', connectV1],
  ['v2, protocol 2025-11-25', connectV2('legacy')],
  ['v2, protocol 2026-07-28', connectV2('auto')],
] as const;

describe.each(CLIENTS)('the stock client %s', (_, connect) => {
  it('is answered the first time, the second and the hundredth', async () => {
    const { factory } = countingFactory();
    const { url } = await serveHere({ factory, limits: { requestsPerMinute: 1000 } });
    const client = await connect(url);
    for (let number = 1; number <= 100; number++) expect(await client.count()).toBe(String(number));
  });

  it('is served beside others, at the same time', async () => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory, limits: { requestsPerMinute: 1000 } });
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(url)));
    const counts = await Promise.all(clients.flatMap((client) => [client.count(), client.count()]));
    expect(new Set(counts).size).toBe(16);
    expect(calls.count).toBe(16);
  });

  it('can come again after another one has left', async () => {
    const { url } = await serveHere();
    await (await connect(url)).close();
    expect(await (await connect(url)).count()).toBe('1');
  });
});

describe('clients of both protocol eras', () => {
  it('are served by one factory, and what they do adds up', async () => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    for (const [, connect] of CLIENTS) await (await connect(url)).count();
    expect(calls.count).toBe(3);
  });

  it('speak the revision that they asked for', async () => {
    const { url } = await serveHere();
    const modern = new ClientV2({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await modern.connect(new TransportV2(new URL(url), { requestInit }));
    onTestFinished(() => modern.close());
    expect(modern.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  });

  it('get nowhere without the token', async () => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    const client = new ClientV1({ name: 'v1', version: '1' });
    await expect(client.connect(new TransportV1(new URL(url)))).rejects.toMatchObject({
      code: 401,
    });
    expect(calls.made).toBe(0);
  });
});

describe('the sessions of the older revisions', () => {
  const open = async (url: string) => String((await send(url)).headers['mcp-session-id']);
  const LIST = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  const useSession = (url: string, session: string) =>
    send(url, {
      headers: { ...GOOD_HEADERS, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
      body: LIST,
    });

  it('are bounded: the one that nobody used for the longest time makes room', async () => {
    const { url } = await serveHere({ limits: { maxSessions: 2 } });
    const [first, second] = [await open(url), await open(url)];
    expect((await useSession(url, first)).status).toBe(200);
    const third = await open(url);
    expect((await useSession(url, second)).status).toBe(404);
    for (const session of [first, third]) expect((await useSession(url, session)).status).toBe(200);
  });

  it('are kept while an answer of theirs is under way; then a further one is refused', async () => {
    const { url } = await serveHere({ limits: { maxSessions: 1 } });
    const session = await open(url);
    const streaming = new AbortController();
    const headers = { ...GOOD_HEADERS, 'mcp-session-id': session, accept: 'text/event-stream' } as Record<
      string,
      string
    >;
    const stream = await fetch(url, { headers, signal: streaming.signal });
    expect(stream.status).toBe(200);
    expect((await send(url)).status).toBe(503);
    expect((await useSession(url, session)).status).toBe(200);
    streaming.abort();
  });

  it('end after half an hour without use', async () => {
    const clock = { nowMs: 0 };
    const { url } = await serveHere({ nowMs: () => clock.nowMs });
    const old = await open(url);
    clock.nowMs = 29 * 60_000;
    const recent = await open(url);
    clock.nowMs = 30 * 60_000;
    expect((await useSession(url, old)).status).toBe(404);
    expect((await useSession(url, recent)).status).toBe(200);
  });

  it('end when their client says so', async () => {
    const { url } = await serveHere();
    const session = await open(url);
    const ended = await send(url, { method: 'DELETE', headers: { ...GOOD_HEADERS, 'mcp-session-id': session } });
    expect(ended.status).toBe(200);
    expect((await useSession(url, session)).status).toBe(404);
  });

  it('make room when their client has ended them', async () => {
    const { url } = await serveHere({ limits: { maxSessions: 2 } });
    const [first, second] = [await open(url), await open(url)];
    await send(url, { method: 'DELETE', headers: { ...GOOD_HEADERS, 'mcp-session-id': first } });
    await open(url);
    expect((await useSession(url, second)).status).toBe(200);
  });

  it('are not made by anything but a request for one', async () => {
    const { url } = await serveHere({ limits: { maxSessions: 1 } });
    for (const body of [LIST, '{}', '[]', 'null', '"x"']) {
      const answer = await send(url, { body });
      expect([body, answer.status, answer.headers['mcp-session-id']]).toEqual([body, 400, undefined]);
    }
    expect((await send(url, { body: INITIALIZE })).status).toBe(200);
  });

  it('are of no use to whoever has no token', async () => {
    const { url } = await serveHere();
    const session = await open(url);
    const { authorization: _, ...headers } = GOOD_HEADERS;
    expect((await send(url, { headers: { ...headers, 'mcp-session-id': session }, body: LIST })).status).toBe(401);
  });
});
