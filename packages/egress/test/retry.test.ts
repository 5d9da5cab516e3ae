import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backOffMs, mayBeRepeated, waitAfterAnswer } from '../src/retry/retry-rules.js';
import { get, openDoor, serve } from './serve.js';

type Answering = (response: ServerResponse, request: IncomingMessage) => void;
const ok: Answering = (response) => void response.end('ok');
const says =
  (status: number, headers = {}): Answering =>
  (response) =>
    void response.writeHead(status, headers).end('no');
const hangsUp: Answering = (response) => void response.destroy();
const isSilent: Answering = () => undefined;

/** A server that does these things in turn, the last one from then on. */
async function serveInTurn(...turns: Answering[]) {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${String(request.headers['idempotency-key'] ?? '')}`.trim());
    (turns.length > 1 ? turns.shift() : turns[0])?.(response, request);
  });
  return { url, asked };
}

describe('a request that may be repeated', () => {
  // No pause takes time.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ['429', says(429)],
    ['502', says(502)],
    ['503 and a time that is short', says(503, { 'retry-after': '0' })],
    ['504', says(504)],
    ['hanging up', hangsUp],
  ])('is sent again after %s, twice at most', async (_what, fails) => {
    const { url, asked } = await serveInTurn(fails, fails, ok);
    const answer = await openDoor().exchange(get(url, { retries: 2, headers: { 'Idempotency-Key': 'k' } }));
    expect(await answer.text()).toBe('ok');
    expect(asked).toEqual(['GET k', 'GET k', 'GET k']);
  });

  it('gives its last answer or error as it is', async () => {
    const busy = await serveInTurn(says(503));
    expect((await openDoor().exchange(get(busy.url, { retries: 2 }))).status).toBe(503);
    const gone = await serveInTurn(hangsUp);
    await expect(openDoor().exchange(get(gone.url, { retries: 2 }))).rejects.toMatchObject({ code: 'EGRESS_BROKEN' });
    expect([busy.asked, gone.asked].map(({ length }) => length)).toEqual([3, 3]);
  });

  it('is sent again where one attempt took too long, with time left for another', async () => {
    const { url, asked } = await serveInTurn(isSilent, ok);
    expect((await openDoor().exchange(get(url, { retries: 2, hopTimeoutMs: 200 }))).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('is not sent again after the time limit over all of it', async () => {
    const { url, asked } = await serveInTurn(isSilent);
    const failing = openDoor().exchange(get(url, { retries: 2, hopTimeoutMs: 150, deadlineMs: 200 }));
    await expect(failing).rejects.toMatchObject({ code: 'EGRESS_TIMEOUT' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [says(200)],
    [says(402)],
    [says(404)],
    [says(500)],
    [says(501)],
    [says(503, { 'retry-after': '6' })],
    [says(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })],
  ])('is not sent again after an answer to keep', async (answers) => {
    const { url, asked } = await serveInTurn(answers, ok);
    await openDoor().exchange(get(url, { retries: 2 }));
    expect(asked).toHaveLength(1);
  });

  it('is not sent again once it was answered, whatever becomes of the body', async () => {
    const { url, asked } = await serveInTurn((response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy());
    });
    const answer = await openDoor().exchange(get(url, { retries: 2 }));
    await expect(answer.text()).rejects.toMatchObject({ code: 'EGRESS_BROKEN' });
    expect(asked).toHaveLength(1);
  });

  it('is not sent again by a caller who has left', async () => {
    const leaving = new AbortController();
    const { url, asked } = await serveInTurn((response) => {
      response.writeHead(503).end();
      leaving.abort();
    });
    await openDoor()
      .exchange(get(url, { retries: 2, signal: leaving.signal }))
      .catch(() => null);
    expect(asked).toHaveLength(1);
  });

  it('is sent once where nobody said how often', async () => {
    const { url, asked } = await serveInTurn(says(503), ok);
    expect((await openDoor().exchange(get(url))).status).toBe(503);
    expect(asked).toHaveLength(1);
  });
});

describe('a request is never repeated', () => {
  it.each([
    ['POST', {}],
    ['PATCH', {}],
    ['GET', { Authorization: 'L402 abc:def' }],
    ['GET', { authorization: 'lsat abc:def' }],
    ['GET', { Authorization: '  Payment eyJ' }],
    ['GET', { 'PAYMENT-SIGNATURE': 'x' }],
    ['GET', { 'X-Payment': 'x' }],
    ['GET', { 'X-Cashu': 'cashuB' }],
    ['GET', { 'X-Session-Token': 'x' }],
    ['GET', { 'x-l402': 'x' }],
    ['GET', { 'X-Preimage': 'x' }],
  ])('as %s with %j', async (method, headers) => {
    const { url, asked } = await serveInTurn(says(503), ok);
    const body = method.toUpperCase() === 'GET' ? {} : { body: 'x' };
    expect((await openDoor().exchange(get(url, { method, headers, ...body, retries: 2 }))).status).toBe(503);
    expect(asked).toHaveLength(1);
  });

  it('in pairs of headers either, and is repeated with what is no payment', () => {
    expect(mayBeRepeated({ method: 'GET', headers: [['authorization', 'L402 a:b']] })).toBe(false);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      expect(mayBeRepeated({ method, headers: { Authorization: 'Bearer l402', 'X-Api-Key': 'payment' } })).toBe(true);
    }
  });
});

describe('the pause before a repetition', () => {
  it('doubles, has a half by chance, and never is more than five seconds', () => {
    expect([0, 1, 2].map((attempt) => backOffMs(attempt, () => 0))).toEqual([200, 400, 800]);
    expect([0, 1, 2].map((attempt) => backOffMs(attempt, () => 1))).toEqual([400, 800, 1600]);
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        expect(backOffMs(attempt, () => chance)).toBeLessThanOrEqual(5_000);
      }),
    );
  });

  it('is what the server asks for, as seconds or as a date, and anything else is none of its wishes', () => {
    const nowMs = Date.parse('2026-11-21T10:00:00Z');
    const wait = (value: string | null): number | null =>
      waitAfterAnswer({ status: 503, header: () => value }, 0, nowMs);
    expect(wait('3')).toBe(3_000);
    expect(wait('Sat, 21 Nov 2026 10:00:04 GMT')).toBe(4_000);
    expect(wait('6')).toBeNull();
    for (const none of [null, '', '-1', '1.5', '1e3', 'soon', 'Sat, nonsense'])
      expect(wait(none)).toBeLessThanOrEqual(400);
  });
});

describe('one attempt', () => {
  it('has a time limit of its own until its head, which leaves the body alone', async () => {
    const url = await serve(async (_request, response) => {
      response.writeHead(200).write('a');
      await once(AbortSignal.timeout(400), 'abort');
      response.end('b');
    });
    expect(await (await openDoor().exchange(get(url, { hopTimeoutMs: 200 }))).text()).toBe('ab');
    const silent = await serveInTurn(isSilent);
    await expect(openDoor().exchange(get(silent.url, { hopTimeoutMs: 200 }))).rejects.toMatchObject({
      code: 'EGRESS_TIMEOUT',
      facts: { requestMayHaveBeenSent: true },
    });
  });
});
