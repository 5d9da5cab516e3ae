import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, call, exchangeRaw, exchangeRawBlocking, howConnectionEnds, openCall } from '../support/http-call.js';
import { digestTimeMs } from '../../src/data-plane/index.js';
import { type Answerer, type Origin, startOrigin, startRawOrigin } from '../support/origin.js';
import { type Plane, type PlaneOptions, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

const CREDENTIAL = { authorization: `L402 AgEG:${'00'.repeat(32)}` };
const MIB = 1_048_576;

let origin: Origin;
let plane: Plane;
afterEach(async () => {
  await plane.close();
  await origin.close();
});

async function start(answer: Answerer, options: Partial<PlaneOptions> = {}): Promise<void> {
  origin = await startOrigin(answer);
  plane = await startPlane({ originUrl: origin.url, ...options });
}

const echo: Answerer = (_request, response, body) => response.end(body);

describe('a request body', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'])('of %s arrives whole, with its length', async (method) => {
    await start(echo);
    const body = 'x'.repeat(200_000);
    const answer = await call(plane.url, { method, body, headers: { 'content-length': String(body.length) } });
    expect(answer.body).toBe(body);
    expect(origin.seen[0]?.headers['content-length']).toBe('200000');
  });

  it('without a declared length arrives in chunks', async () => {
    await start(echo);
    const request = openCall(plane.url, { method: 'POST' });
    request.write('one ');
    request.end('two');
    expect((await answerOf(request)).body).toBe('one two');
    expect(origin.seen[0]?.headers['transfer-encoding']).toBe('chunked');
  });

  it('streams: the origin sees its beginning before its end was sent', async () => {
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    origin = await startRawOrigin((request, response) => {
      request.once('data', () => begun());
      request.once('end', () => response.end('done')).resume();
    });
    plane = await startPlane({ originUrl: origin.url });
    const request = openCall(plane.url, { method: 'POST' });
    request.write('beginning');
    await hasBegun;
    request.end('end');
    expect((await answerOf(request)).body).toBe('done');
  });

  it('is digested when the gate asks, and then still arrives', async () => {
    await start(echo);
    plane.gate.readsDigest = true;
    const answer = await call(plane.url, { method: 'POST', body: 'to be priced' });
    expect(answer.body).toBe('to be priced');
    expect(plane.gate.digestHex).toBe(createHash('sha256').update('to be priced').digest('hex'));
  });

  it('that is not there has the digest of nothing', async () => {
    await start(echo);
    plane.gate.readsDigest = true;
    await call(plane.url);
    expect(plane.gate.digestHex).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('over the limit is refused with 413 by its declared length, before the gate is asked', async () => {
    await start(echo);
    const body = Buffer.alloc(MIB + 1);
    const answer = await call(plane.url, {
      method: 'POST',
      body,
      headers: { ...CREDENTIAL, 'content-length': String(body.length) },
    });
    expect(answer.status).toBe(413);
    expect(answer.headers['x-payment-outcome']).toBe('not_charged');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'body_too_large', fundsMoved: 'no' });
    expect(plane.gate.facts).toBeNull();
    expect(origin.seen).toEqual([]);
  });

  it('over the limit is refused in a way that reaches a caller who sends all of it first', async () => {
    await start(echo);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 * MIB}\r\n\r\n`;
    const half = 'x'.repeat(MIB);
    // A whole call in between: the refusal is out by then, and a hasty server would have closed.
    const text = await exchangeRawBlocking(plane.port, [head + half, half], () => call(plane.url));
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('body_too_large');
  });

  it('of exactly the limit passes', async () => {
    await start((_request, response, body) => response.end(String(body.length)));
    expect((await call(plane.url, { method: 'POST', body: Buffer.alloc(MIB, 97) })).body).toBe(String(MIB));
  });

  it('over the limit without a declared length is refused with 413 on the way, and the use given back', async () => {
    await start(echo);
    const claim = new ScriptedClaim();
    plane.gate.claim = claim;
    const request = openCall(plane.url, { method: 'POST', headers: CREDENTIAL });
    request.on('error', () => undefined);
    for (let i = 0; i < 20; i += 1) request.write(Buffer.alloc(65_536));
    request.end();
    const answer = await answerOf(request);
    expect(answer.status).toBe(413);
    expect(answer.headers['x-payment-outcome']).toBe('released');
    expect(claim.log).toEqual(['release']);
    expect(origin.seen).toEqual([]);
  });

  it('over the limit is refused while its digest is read', async () => {
    await start(echo);
    plane.gate.onDecide = async () => {
      await plane.gate.facts?.readBodyDigest();
      throw new TypeError('not reached');
    };
    const request = openCall(plane.url, { method: 'POST' });
    request.on('error', () => undefined);
    for (let i = 0; i < 20; i += 1) request.write(Buffer.alloc(65_536));
    request.end();
    expect((await answerOf(request)).status).toBe(413);
  });

  it('is hashed but not held for a caller who gets a challenge', async () => {
    await start(echo);
    plane.gate.onDecide = async () => {
      plane.gate.digestHex = (await plane.gate.facts?.readBodyDigest({ keepBody: false })) ?? '';
      return { kind: 'grant', endpointId: 'e', grant: { via: 'free' } };
    };
    // A grant after all is a mistake of the gate; it shows that nothing is there to be forwarded.
    expect((await call(plane.url, { method: 'POST', body: 'to be priced' })).status).toBe(500);
    expect(plane.gate.digestHex).toBe(createHash('sha256').update('to be priced').digest('hex'));
    expect(origin.seen).toEqual([]);
  });

  it('that dawdles before the decision is refused with 408, and the connection closed', async () => {
    await start(echo, { bounds: { digestMs: 50 } });
    plane.gate.onDecide = async () => {
      await plane.gate.facts?.readBodyDigest({ keepBody: false });
      throw new TypeError('not reached');
    };
    const text = await exchangeRaw(plane.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('request_timeout');
  });

  it('that dawdles after the decision has the time of the whole call', async () => {
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    origin = await startRawOrigin((request, response) => {
      request.once('data', () => begun());
      request.once('end', () => response.end('done')).resume();
    });
    plane = await startPlane({ originUrl: origin.url, bounds: { digestMs: 1 } });
    const request = openCall(plane.url, { method: 'POST' });
    request.write('beginning');
    await hasBegun;
    request.end('end');
    expect((await answerOf(request)).body).toBe('done');
  });

  it.each([
    [1_048_576, 600_000, 32_768],
    [1_024, 600_000, 30_000],
    [104_857_600, 600_000, 600_000],
    [1_048_576, 4_000, 4_000],
  ])('of at most %i bytes, in a call of %i ms, has %i ms before the decision', (bytes, totalMs, digestMs) => {
    expect(digestTimeMs(bytes, totalMs)).toBe(digestMs);
  });

  it('that the caller holds back (Expect: 100-continue) is asked for when the gate has let it in', async () => {
    await start(echo);
    const request = openCall(plane.url, { method: 'POST', headers: { expect: '100-continue', 'content-length': '4' } });
    request.flushHeaders();
    await new Promise<void>((resolve) => request.once('continue', resolve));
    request.end('body');
    expect((await answerOf(request)).body).toBe('body');
  });

  it('that the caller holds back is not asked for when the gate refuses', async () => {
    await start(echo);
    const answer = { status: 402, headers: [], body: 'pay' };
    plane.gate.onDecide = () => Promise.resolve({ kind: 'challenge', answer, endpointId: 'e' });
    const text = await exchangeRaw(
      plane.port,
      'POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 402 /);
    expect(text).not.toContain('100 Continue');
  });
});

describe('an answer', () => {
  it('streams: its beginning is there before its end was written', async () => {
    let finish: () => void = () => undefined;
    await start((_request, response) => {
      response.write('beginning ');
      finish = () => response.end('end');
    });
    plane.gate.claim = new ScriptedClaim();
    const request = openCall(plane.url).end();
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    const first = await new Promise<Buffer>((resolve) => response.once('data', resolve));
    expect(first.toString()).toBe('beginning ');
    finish();
    const rest: Buffer[] = [];
    for await (const chunk of response) rest.push(chunk as Buffer);
    expect(Buffer.concat(rest).toString()).toBe('end');
  });

  it('lets its reader in before the first chunk of a stream', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    });
    const request = openCall(plane.url).end();
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    expect(response.statusCode).toBe(200);
    request.destroy();
  });

  it('is held back while the caller does not read: the origin cannot send it all', async () => {
    let sent = 0;
    let stalled: () => void = () => undefined;
    const hasStalled = new Promise<void>((resolve) => (stalled = resolve));
    await start((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (sent < 1_024) {
          sent += 1;
          if (!response.write(chunk)) break;
        }
        if (sent >= 1_024) response.end();
      };
      response.on('drain', more);
      more();
      // Loopback swallows some megabytes; then no drain comes any more.
      let last = -1;
      const timer = setInterval(() => {
        if (sent === last) {
          clearInterval(timer);
          stalled();
        }
        last = sent;
      }, 100);
    });
    const request = openCall(plane.url).end();
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    await hasStalled;
    expect(sent).toBeLessThan(1_024);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(64 * MIB);
  });

  it.each(['GET', 'HEAD'])(
    'to %s has no body where there is none: 204, 304, and a length of nothing',
    async (method) => {
      await start((request, response) => {
        if (request.url === '/304') response.writeHead(304, { etag: '"a"' }).end();
        else if (request.url === '/204') response.writeHead(204).end();
        else response.writeHead(200, { 'content-length': '0' }).end();
      });
      plane.gate.claim = new ScriptedClaim();
      for (const status of [204, 304, 200]) {
        const answer = await call(`${plane.url}/${status}`, { method });
        expect(answer).toMatchObject({ status, body: '', isComplete: true });
      }
    },
  );

  it('to HEAD has the length that GET would have, and no body', async () => {
    await start((_request, response) => response.writeHead(200, { 'content-length': '12345' }).end());
    for (const keeps of [false, true]) {
      plane.gate.claim = new ScriptedClaim(keeps);
      const answer = await call(plane.url, { method: 'HEAD' });
      expect(answer).toMatchObject({ status: 200, body: '', isComplete: true });
      expect(answer.headers['content-length']).toBe('12345');
    }
  });

  it('that is compressed passes as it came, and can be read', async () => {
    const zipped = gzipSync('the goods');
    await start((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped));
    const request = openCall(plane.url, { headers: { 'accept-encoding': 'gzip' } }).end();
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe('the goods');
  });

  it('over the limit by its declared length is a 502, and free', async () => {
    await start(
      (_request, response) => response.writeHead(200, { 'content-length': '2000' }).end(Buffer.alloc(2_000)),
      {
        bounds: { responseBodyBytes: 1_999 },
      },
    );
    const claim = new ScriptedClaim();
    plane.gate.claim = claim;
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_answer_too_large' });
    expect(claim.log).toEqual(['release']);
  });

  it('that grows over the limit on the way is cut, so that nobody takes it for whole', async () => {
    await start(
      (_request, response) => {
        response.write(Buffer.alloc(1_500));
        response.end(Buffer.alloc(1_500));
      },
      { bounds: { responseBodyBytes: 1_999 } },
    );
    const answer = await call(plane.url);
    expect(answer.status).toBe(200);
    expect(answer.isComplete).toBe(false);
  });

  it('that the origin breaks off is cut, so that nobody takes it for whole', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    const claim = new ScriptedClaim();
    plane.gate.claim = claim;
    const answer = await call(plane.url, { headers: CREDENTIAL });
    expect(answer.isComplete).toBe(false);
    expect(claim.log).toEqual(['capture']);
    await plane.liveCalls.whenIdle();
  });

  it.each([
    ['that the origin breaks off', {}, 'GET /cut HTTP/1.0\r\n\r\n', 'reset'],
    ['that is whole', {}, 'GET /whole HTTP/1.0\r\n\r\n', 'end'],
    ['whose length vouches for it', { 'content-length': '1000' }, 'GET /cut HTTP/1.0\r\n\r\n', 'end'],
    ['whose chunks vouch for it', {}, 'GET /cut HTTP/1.1\r\nHost: a\r\n\r\n', 'end'],
    [
      'whose length does not pass',
      { 'content-length': '9', connection: 'content-length' },
      'GET /cut HTTP/1.0\r\n\r\n',
      'reset',
    ],
  ])('%s ends so that an old caller (HTTP/1.0) can tell', async (_which, headers, bytes, ending) => {
    await start((request, response) => {
      response.writeHead(200, headers);
      if (request.url === '/cut') response.write('half', () => response.destroy());
      else response.end('whole');
    });
    expect(await howConnectionEnds(plane.port, bytes)).toBe(ending);
  });

  it('that dawdles between two chunks is cut', async () => {
    await start((_request, response) => response.writeHead(200).write('half'), { pool: { bodyTimeoutMs: 50 } });
    const answer = await call(plane.url);
    expect(answer).toMatchObject({ body: 'half', isComplete: false });
  });

  it('that comes before the request was sent whole passes', async () => {
    origin = await startRawOrigin((_request, response) => response.writeHead(400).end('too much already'));
    plane = await startPlane({ originUrl: origin.url });
    const request = openCall(plane.url, { method: 'POST', headers: { 'content-length': '100000' } });
    request.on('error', () => undefined);
    request.write('x');
    expect(await answerOf(request)).toMatchObject({ status: 400, body: 'too much already' });
    request.destroy();
  });

  it('that comes before the request was sent whole reaches a caller who sends all of it first', async () => {
    origin = await startRawOrigin((_request, response) => response.writeHead(403).end('not from you'));
    plane = await startPlane({ originUrl: origin.url });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n';
    const half = 'x'.repeat(450_000);
    const next = 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const text = await exchangeRawBlocking(plane.port, [head + half, half + next], () => call(plane.url));
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text.match(/HTTP\/1\.1 403 /g)).toHaveLength(2);
  });

  it('that comes while the caller sends without end is the last that the connection sees', async () => {
    origin = await startRawOrigin((_request, response) => response.writeHead(403).end('not from you'));
    plane = await startPlane({ originUrl: origin.url });
    const request = openCall(plane.url, { method: 'POST' });
    const closed = new Promise<void>((resolve) => request.once('close', () => resolve()));
    request.on('error', () => undefined).on('response', (response) => response.resume());
    let sentBytes = 0;
    const send = (): void => {
      while (!request.destroyed && sentBytes < 256 * MIB) {
        sentBytes += 65_536;
        if (!request.write(Buffer.alloc(65_536))) break;
      }
    };
    request.on('drain', send);
    send();
    await closed;
    expect(sentBytes).toBeLessThan(64 * MIB);
  });
});
