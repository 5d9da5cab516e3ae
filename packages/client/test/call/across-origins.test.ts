import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress } from '@satway/egress';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followRedirects, readCall, sendOnce } from '../../src/call/index.js';
import { headersFor } from '../../src/call/redirect.js';
import { targetOf } from '../../src/call/index.js';

const SECRET = 'of-the-caller-alone';
/** All that says who asks, or what was paid. */
const SECRETS = {
  Authorization: `Bearer ${SECRET}`,
  Cookie: `session=${SECRET}`,
  'X-Api-Key': SECRET,
  'Api-Key': SECRET,
  'X-Auth-Token': SECRET,
  'X-Cashu': SECRET,
  'X-Session-Token': SECRET,
  'X-Session-Id': SECRET,
  'X-Payment': SECRET,
  'Payment-Signature': SECRET,
  'X-L402-Preimage': SECRET,
  'X-Forwarded-For': SECRET,
  Referer: `https://home.example/?${SECRET}`,
  Origin: SECRET,
  'Idempotency-Key': SECRET,
};

interface Place {
  readonly url: string;
  readonly heard: { readonly head: string; readonly body: string }[];
}

async function place(answer: (request: IncomingMessage) => { status: number; location?: string }): Promise<Place> {
  const heard: { head: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push({ head: `${request.method} ${request.url} ${request.rawHeaders.join(' ')}`, body });
    const { status, location } = answer(request);
    response.writeHead(status, location === undefined ? {} : { location }).end('answer');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

async function follow(url: string, init: RequestInit) {
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  onTestFinished(() => egress.close());
  const sender = { egress, exchangeTimeoutMs: 10_000, maxResponseBytes: 100_000 };
  const call = await readCall(url, init, { maxBodyBytes: 1000, random: (size) => Buffer.alloc(size, 7) });
  const authorization = {
    origin: call.origin,
    header: `L402 ${SECRET}:${SECRET}`,
    idempotencyKey: call.idempotencyKey,
  };
  const { signal } = new AbortController();
  const first = await sendOnce(sender, call, { target: call, withBody: call.body !== null }, authorization, signal);
  return followRedirects(sender, call, first, authorization, signal);
}

describe('a redirect to another origin', () => {
  it.each([301, 302, 303, 307, 308])('of status %i carries no secret there, and none back', async (status) => {
    const stranger = await place(() => ({ status, location: `${home.url}/back` }));
    const home = await place((request) =>
      request.url === '/' ? { status, location: `${stranger.url}/there` } : { status: 200 },
    );
    const last = await follow(`${home.url}/`, { headers: SECRETS });
    expect(await last.answer.text()).toBe('answer');
    expect(home.heard[0]?.head).toContain(SECRET);
    expect([...stranger.heard, ...home.heard.slice(1)]).toHaveLength(2);
    for (const { head } of [...stranger.heard, ...home.heard.slice(1)]) expect(head).not.toContain(SECRET);
  });

  it.each([307, 308])('of status %i does not carry a body: it is refused, and nobody is asked', async (status) => {
    const stranger = await place(() => ({ status: 200 }));
    const home = await place(() => ({ status, location: stranger.url }));
    const going = follow(`${home.url}/`, { method: 'POST', body: SECRET, headers: SECRETS });
    await expect(going).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
    expect(stranger.heard).toEqual([]);
  });

  it.each([301, 302, 303])('of status %i makes a POST a GET without its body', async (status) => {
    const stranger = await place(() => ({ status: 200 }));
    const home = await place(() => ({ status, location: `${stranger.url}/there` }));
    await follow(`${home.url}/`, { method: 'POST', body: SECRET, headers: SECRETS });
    expect(stranger.heard).toEqual([{ head: expect.stringMatching(/^GET \/there /) as string, body: '' }]);
    expect(stranger.heard[0]?.head).not.toMatch(new RegExp(`${SECRET}|content-type`, 'i'));
  });

  it('carries no header but those that say how to answer, whatever it is called', () => {
    const elsewhere = { target: targetOf('GET', 'https://other.example/'), withBody: false };
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,20}$/), (name) => {
        const call = { ...targetOf('GET', 'https://api.example/'), headers: [[name, SECRET]] as const };
        const rest = {
          body: null,
          bodySha256Hex: '',
          idempotencyKey: '',
          keyGiven: false,
          redirect: 'follow',
        } as const;
        const isHarmless = ['accept', 'accept-language', 'accept-encoding', 'user-agent', 'range'].includes(name);
        expect(headersFor({ ...call, ...rest }, elsewhere)).toHaveLength(isHarmless ? 1 : 0);
      }),
    );
  });
});

describe('the time limit of an exchange', () => {
  it('is over all redirects together', async () => {
    const egress = createEgress({ allowHosts: ['127.0.0.1'] });
    onTestFinished(() => egress.close());
    const deadlines: number[] = [];
    const noting = {
      exchange: (request: Parameters<typeof egress.exchange>[0]) => {
        deadlines.push(request.deadlineMs);
        return egress.exchange(request);
      },
    };
    const home = await place((request) =>
      request.url === '/3' ? { status: 200 } : { status: 302, location: `/${Number(request.url?.slice(1)) + 1}` },
    );
    const sender = { egress: noting, exchangeTimeoutMs: 10_000, maxResponseBytes: 1000 };
    const call = await readCall(`${home.url}/0`, {}, { maxBodyBytes: 0, random: (size) => Buffer.alloc(size) });
    const { signal } = new AbortController();
    const first = await sendOnce(sender, call, { target: call, withBody: false }, null, signal);
    await followRedirects(sender, call, first, null, signal);
    expect(deadlines).toHaveLength(4);
    expect(deadlines).toEqual(deadlines.toSorted((a, b) => b - a));
    expect(new Set(deadlines).size).toBe(4);
  });
});

describe('a request that is sent', () => {
  it('is repeated and has a limit for its head where it carries no payment, and neither where it does', async () => {
    const asked: unknown[] = [];
    const egress = {
      exchange: ({ retries, hopTimeoutMs }: { retries?: number; hopTimeoutMs?: number }) => {
        asked.push({ retries, hopTimeoutMs });
        return Promise.reject(new Error('far enough'));
      },
    };
    const sender = { egress, exchangeTimeoutMs: 10_000, hopTimeoutMs: 4_000, maxResponseBytes: 1000 };
    const call = await readCall('https://api.example/', {}, { maxBodyBytes: 0, random: (size) => Buffer.alloc(size) });
    const hop = { target: call, withBody: false };
    const authorization = { origin: call.origin, header: 'L402 a:b', idempotencyKey: 'k' };
    for (const paid of [null, authorization]) {
      await sendOnce(sender, call, hop, paid, new AbortController().signal).catch(() => undefined);
    }
    expect(asked).toEqual([
      { retries: 2, hopTimeoutMs: 4_000 },
      { retries: undefined, hopTimeoutMs: undefined },
    ]);
  });
});
