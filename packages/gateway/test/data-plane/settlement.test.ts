import { SatwayError } from '@satway/base';
import { afterEach, describe, expect, it } from 'vitest';
import { call, openCall } from '../support/http-call.js';
import { type Answerer, type Origin, startOrigin, startRawOrigin } from '../support/origin.js';
import { type Plane, type PlaneOptions, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

const CREDENTIAL = { authorization: `L402 AgEG:${'00'.repeat(32)}` };
const WITH_KEY = { ...CREDENTIAL, 'idempotency-key': 'a'.repeat(32) };

let origin: Origin;
let plane: Plane;
let claim: ScriptedClaim;
afterEach(async () => {
  await plane.close();
  await origin.close();
});

async function start(answer: Answerer, keepsAnswer = false, options: Partial<PlaneOptions> = {}): Promise<void> {
  origin = await startOrigin(answer);
  plane = await startPlane({ originUrl: origin.url, ...options });
  claim = new ScriptedClaim(keepsAnswer);
  plane.gate.claim = claim;
}

describe('the charge', () => {
  it.each([200, 204, 301, 304, 400, 404, 429])('becomes final when the origin answers %i', async (status) => {
    await start((_request, response) => response.writeHead(status).end());
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(status);
    expect(answer.headers['x-payment-outcome']).toBe('charged');
    expect(claim.log).toEqual(['capture']);
  });

  it('is committed before the first byte of the answer leaves', async () => {
    await start((_request, response) => response.end('the goods'));
    let commit: (captured: 'captured') => void = () => undefined;
    claim.onCapture = () => new Promise((resolve) => (commit = resolve));
    const request = openCall(plane.url, { headers: CREDENTIAL }).end();
    let hasBegun = false;
    const begun = new Promise<void>((resolve) =>
      request.once('response', (response) => {
        hasBegun = true;
        response.resume();
        response.once('close', resolve);
      }),
    );
    await claim.settled();
    // A whole call on the side: whatever was on its way to the first caller has arrived by then.
    plane.gate.claim = null;
    expect((await call(`${plane.url}/other`)).body).toBe('the goods');
    expect(hasBegun).toBe(false);
    commit('captured');
    await begun;
  });

  it.each([1_000, 65_536, 3_000_000])(
    'is waited for without losing a byte of an answer of %i bytes',
    async (length) => {
      const body = Array.from({ length: length / 8 }, (_, i) => i.toString(16).padStart(8, '0')).join('');
      await start((_request, response) => {
        // In pieces, so that some come before the charge is final and some after.
        for (let at = 0; at < body.length; at += 10_000) response.write(body.slice(at, at + 10_000));
        response.end();
      });
      let commit: (captured: 'captured') => void = () => undefined;
      claim.onCapture = () => new Promise((resolve) => (commit = resolve));
      const pending = call(plane.url, { headers: CREDENTIAL });
      await claim.settled();
      plane.gate.claim = null;
      await call(`${plane.url}/other`);
      commit('captured');
      const answer = await pending;
      expect(answer.isComplete).toBe(true);
      expect(answer.body === body).toBe(true);
    },
  );

  it.each([500, 502, 503])('is given back when the origin answers %i, whose answer passes', async (status) => {
    await start((_request, response) => response.writeHead(status, { 'retry-after': '7' }).end('out of order'));
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer).toMatchObject({ status, body: 'out of order' });
    expect(answer.headers).toMatchObject({
      'x-payment-outcome': 'released',
      'x-payment-code': 'upstream_failed_retryable',
      'retry-after': '7',
    });
    expect(claim.log).toEqual(['release']);
  });

  it('is given back when the origin asks for a payment of its own, and none of its challenge passes', async () => {
    await start((_request, response) =>
      response.writeHead(402, { 'www-authenticate': 'L402 macaroon="x", invoice="lnbc1"' }).end('pay me'),
    );
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(answer.headers['x-payment-outcome']).toBe('released');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_asked_payment', fundsMoved: 'no' });
    expect(claim.log).toEqual(['release']);
  });

  it('is given back when the origin breaks off before its head', async () => {
    await start((request) => request.socket.destroy());
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_broken' });
    expect(answer.headers['x-payment-code']).toBe('upstream_failed_retryable');
    expect(claim.log).toEqual(['release']);
  });

  it('is given back when nobody listens at the origin', async () => {
    await start(() => undefined);
    await origin.close();
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_unreachable' });
    expect(claim.log).toEqual(['release']);
  });

  it('is given back when the origin takes longer than it may for its head', async () => {
    await start(() => undefined, false, { pool: { headersTimeoutMs: 50 } });
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(504);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_timeout' });
    expect(claim.log).toEqual(['release']);
  });

  it('is given back when the time for the whole call is up', async () => {
    let nowMs = Date.now();
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    await start(() => asked(), false, { clock: () => nowMs, bounds: { totalMs: 60_000 } });
    const pending = call(plane.url, { headers: CREDENTIAL });
    await wasAsked;
    plane.liveCalls.sweep();
    expect(claim.log).toEqual([]);
    nowMs += 61_000;
    plane.liveCalls.sweep();
    expect((await pending).status).toBe(504);
    expect(claim.log).toEqual(['release']);
    expect(plane.liveCalls.size).toBe(0);
  });
});

describe('a charge that fails', () => {
  it.each([
    ['released', 'released'],
    ['left_to_expire', 'charged'],
    ['lost', 'charged'],
  ] as const)('lets none of the bytes of the origin out (release: %s)', async (release, outcome) => {
    await start((_request, response) => response.writeHead(200, { 'x-goods': 'secret' }).end('the goods'));
    claim.onCapture = () => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
    claim.onRelease = () => Promise.resolve(release);
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(503);
    expect(answer.body).not.toContain('the goods');
    expect(answer.headers['x-goods']).toBeUndefined();
    expect(answer.headers['x-payment-outcome']).toBe(outcome);
    expect(answer.headers['x-payment-code']).toBe('store_unavailable');
    expect(JSON.parse(answer.body)).toMatchObject({ fundsMoved: outcome === 'charged' ? 'unknown' : 'no' });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('because the lease was gone is a 503 with a code, and free', async () => {
    await start((_request, response) => response.end('the goods'));
    claim.onCapture = () => Promise.resolve('lost');
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(503);
    expect(answer.body).not.toContain('the goods');
    expect(answer.headers).toMatchObject({ 'x-payment-outcome': 'not_charged', 'x-payment-code': 'charge_lost' });
  });

  it('leaves the connection to the origin usable for the next call', async () => {
    await start((_request, response) => response.end('the goods'));
    claim.onCapture = () => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
    await call(plane.url, { headers: CREDENTIAL });
    claim.onCapture = () => Promise.resolve('captured');
    expect(await call(plane.url, { headers: CREDENTIAL })).toMatchObject({ status: 200, body: 'the goods' });
  });
});

/** Answers every request with these bytes, as no server that counts for us would. */
async function startSpeakingOrigin(bytes: string, keepsAnswer: boolean | null): Promise<void> {
  await start((_request, response) => response.socket?.write(bytes), keepsAnswer ?? false);
  if (keepsAnswer === null) plane.gate.claim = null;
}

describe('an answer that can have no body, and declares a length', () => {
  it.each([
    [204, 'paid', false, ['capture']],
    [204, 'paid with an Idempotency-Key', true, ['capture']],
    [204, 'free', null, []],
    [304, 'paid', false, ['capture']],
    [304, 'paid with an Idempotency-Key', true, ['capture']],
    [304, 'free', null, []],
  ])('is whole with its head (%i, %s)', async (status, _which, keepsAnswer, log) => {
    await startSpeakingOrigin(`HTTP/1.1 ${status} Fine\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n`, keepsAnswer);
    const answer = await call(plane.url, { headers: WITH_KEY });
    expect(answer).toMatchObject({ status, isComplete: true, headers: { etag: '"a"' } });
    expect(answer.headers['content-length']).toBeUndefined();
    expect(claim.log).toEqual(log);
    expect(claim.keptAnswer?.status).toBe(keepsAnswer === true ? status : undefined);
    await plane.liveCalls.whenIdle();
    expect(await plane.metrics.registry.metrics()).not.toMatch(/satway_origin_failures_total\{[^}]*\} [1-9]/);
  });
});

describe('an answer to an Idempotency-Key', () => {
  it('is kept with the charge when it is short and its length is declared', async () => {
    await start(
      (_request, response) =>
        response.writeHead(200, { 'content-length': '9', 'content-type': 'text/plain' }).end('the goods'),
      true,
    );
    const answer = await call(plane.url, { headers: WITH_KEY });
    expect(answer.body).toBe('the goods');
    expect(claim.keptAnswer?.status).toBe(200);
    expect(Buffer.from(claim.keptAnswer?.body ?? []).toString()).toBe('the goods');
    expect(claim.keptAnswer?.rawHeaders).toContain('content-type');
  });

  it.each([
    ['its length is not declared', { 'transfer-encoding': 'chunked' }, 'short'],
    ['it is longer than may be kept', { 'content-length': '16385' }, 'x'.repeat(16_385)],
  ])('is not kept when %s, and passes all the same', async (_why, headers, body) => {
    await start((_request, response) => response.writeHead(200, headers).end(body), true);
    const answer = await call(plane.url, { headers: WITH_KEY });
    expect(answer.body).toBe(body);
    expect(claim.keptAnswer).toBeNull();
    expect(claim.log).toEqual(['capture']);
  });

  it('is not charged when the origin breaks off in the middle of a body that is to be kept', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-length': '9' });
      response.write('the', () => response.destroy());
    }, true);
    const answer = await call(plane.url, { headers: WITH_KEY });
    expect(answer.status).toBe(502);
    expect(claim.log).toEqual(['release']);
  });

  it('is fetched and kept although the caller left meanwhile', async () => {
    let release: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    await start((_request, response) => {
      release = () => response.writeHead(200, { 'content-length': '9' }).end('the goods');
      asked();
    }, true);
    const request = openCall(plane.url, { headers: WITH_KEY }).on('error', () => undefined);
    request.end();
    await wasAsked;
    request.destroy();
    await callersGone();
    release();
    await claim.settled();
    expect(claim.log).toEqual(['capture']);
    expect(Buffer.from(claim.keptAnswer?.body ?? []).toString()).toBe('the goods');
    await plane.liveCalls.whenIdle();
  });
});

/** The gateway noticed: the request that was cut off is among those without a status. */
async function callersGone(): Promise<void> {
  for (;;) {
    const text = await plane.metrics.registry.metrics();
    if (/satway_requests_total\{status="none"\} [1-9]/.test(text)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a caller who leaves', () => {
  it('after the request was forwarded is charged, and the origin is told to stop', async () => {
    let stopped: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const wasStopped = new Promise<void>((resolve) => (stopped = resolve));
    await start((request) => {
      request.socket.once('close', () => stopped());
      asked();
    });
    const request = openCall(plane.url, { headers: CREDENTIAL }).on('error', () => undefined);
    request.end();
    await wasAsked;
    request.destroy();
    await wasStopped;
    await claim.settled();
    expect(claim.log).toEqual(['capture']);
    await plane.liveCalls.whenIdle();
  });

  it('while still sending the body is not charged', async () => {
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    origin = await startRawOrigin((request) => request.once('data', () => begun()));
    plane = await startPlane({ originUrl: origin.url });
    claim = new ScriptedClaim();
    plane.gate.claim = claim;
    const headers = { ...CREDENTIAL, 'content-length': '1000' };
    const request = openCall(plane.url, { method: 'POST', headers }).on('error', () => undefined);
    request.write('half of it');
    await hasBegun;
    request.destroy();
    await claim.settled();
    expect(claim.log).toEqual(['release']);
    await plane.liveCalls.whenIdle();
  });

  it('while the answer is paused does not leave the connections to the origin paused for ever', async () => {
    await start((_request, response) => response.end(Buffer.alloc(8 * 1_048_576)), false, { pool: { connections: 4 } });
    plane.gate.claim = null;
    for (let round = 0; round < 12; round += 1) {
      const request = openCall(plane.url).on('error', () => undefined);
      request.end();
      // The head is there and nobody reads: the gateway's buffers fill up, and it pauses the origin.
      await new Promise<void>((resolve) => request.once('response', (response) => response.once('readable', resolve)));
      request.destroy();
    }
    await plane.liveCalls.whenIdle();
    const answer = await call(plane.url);
    expect(answer.body.length).toBe(8 * 1_048_576);
  });
});
