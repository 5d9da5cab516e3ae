import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { call, exchangeRaw } from '../support/http-call.js';
import { type Answerer, type Origin, startOrigin } from '../support/origin.js';
import { type Plane, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

const HOST = 'Host: shop\r\n';
const CREDENTIAL = `Authorization: L402 AgEG:${'00'.repeat(32)}\r\n`;
const get = (path: string, lines = ''): string => `GET ${path} HTTP/1.1\r\n${HOST}${CREDENTIAL}${lines}\r\n`;

let origin: Origin;
let plane: Plane;
let claim: ScriptedClaim;
afterEach(async () => {
  await plane.close();
  await origin.close();
});

async function start(answer: Answerer = (request, response) => response.end(`goods of ${request.url}`)): Promise<void> {
  origin = await startOrigin(answer);
  plane = await startPlane({ originUrl: origin.url });
  claim = new ScriptedClaim();
  plane.gate.claim = claim;
}

const statuses = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];
const seenPaths = (): string[] => origin.seen.map(({ url }) => url);

describe('bytes behind a paid request', () => {
  it.each([
    ['that are no request', get('/first'), 'GARBAGE\r\n\r\n'],
    ['of another protocol', get('/first'), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['that ask for a tunnel', get('/first'), `CONNECT other:443 HTTP/1.1\r\n${HOST}\r\n`],
    ['with a head that is too large', get('/first'), `GET /second HTTP/1.1\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['that said it was the last', get('/first', 'Connection: close\r\n'), get('/second')],
    ['that said it was the last, if only one', get('/first', 'Connection: close\r\n'), 'x'],
    ['in HTTP/1.0, where each is the last', `GET /first HTTP/1.0\r\n${CREDENTIAL}\r\n`, get('/second')],
  ])('%s take nothing from its answer, after which the connection closes', async (_which, request, behind) => {
    await start();
    const text = await exchangeRaw(plane.port, request + behind);
    expect(statuses(text)).toEqual(['HTTP/1.1 200']);
    expect(text).toMatch(/\r\nX-Payment-Outcome: charged\r\n/);
    expect(text).toMatch(/\r\nConnection: close\r\n[^]*goods of \/first/);
    expect(claim.log).toEqual(['capture']);
    expect(seenPaths()).toEqual(['/first']);
  });

  it('take nothing from an answer that waits behind another one', async () => {
    await start();
    const text = await exchangeRaw(plane.port, `${get('/first')}${get('/second')}GARBAGE\r\n\r\n`);
    expect(statuses(text)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(text).toMatch(/goods of \/first[^]*goods of \/second$/);
  });

  it('do not cut an answer that is on its way', async () => {
    let finish: () => void = () => undefined;
    await start((request, response) => {
      if (request.url !== '/first') return void response.end('other');
      response.write('begun ');
      finish = () => response.end('and ended');
    });
    const socket = connect(plane.port, '127.0.0.1');
    let text = '';
    const begun = new Promise<void>((resolve) =>
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('begun')) resolve();
      }),
    );
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(get('/first'));
    await begun;
    await new Promise((resolve) => socket.write('GARBAGE\r\n\r\n', resolve));
    // A whole call on the side: what was sent before it has been read by then.
    await call(`${plane.url}/other`);
    finish();
    await closed;
    expect(text).toMatch(/begun [^]*and ended\r\n0\r\n\r\n$/);
  });
});

describe('a request behind an answer that ends its connection', () => {
  it.each([
    ['because its body was refused', `POST /a;b HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`, '400'],
    [
      'because its body was too long',
      `POST /a HTTP/1.1\r\n${HOST}Content-Length: 1048577\r\n\r\n${'z'.repeat(1_048_577)}`,
      '413',
    ],
    ['because HTTP/1.0 has no other end', `GET /endless HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`, '200'],
    ['because the origin broke off', `GET /broken HTTP/1.1\r\n${HOST}\r\n`, '200'],
  ])('(%s) is neither decided nor charged', async (_why, request, status) => {
    await start((incoming, response) => {
      response.write('begun');
      if (incoming.url === '/broken') response.write('so far', () => response.destroy());
      else response.end();
    });
    const decided: string[] = [];
    const { claim: paid } = plane.gate;
    plane.gate.onDecide = async () => {
      decided.push(plane.gate.facts?.path.forward ?? '');
      const isPaid = plane.gate.facts?.path.forward === '/paid';
      const grant = isPaid && paid !== null ? ({ via: 'claim', claim: paid } as const) : ({ via: 'free' } as const);
      return { kind: 'grant', endpointId: 'e', grant };
    };
    const text = await exchangeRaw(plane.port, request + get('/paid'));
    expect(statuses(text)).toEqual([`HTTP/1.1 ${status}`]);
    expect(decided).not.toContain('/paid');
    expect(claim.log).toEqual([]);
    expect(seenPaths()).not.toContain('/paid');
  });
});

describe('requests that were sent without waiting', () => {
  it('are answered in their order, however many', async () => {
    await start((request, response) => setImmediate(() => response.end(`[${request.url}]`)));
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const [last = '', ...others] = paths.toReversed();
    // More than is read at a time.
    const bytes = others.toReversed().map((path) => get(path, `X-Long: ${'a'.repeat(5_000)}\r\n`));
    const text = await exchangeRaw(plane.port, `${bytes.join('')}${get(last, 'Connection: close\r\n')}`);
    expect(text.match(/\[\/\d+\]/g)).toEqual(paths.map((path) => `[${path}]`));
    expect(seenPaths()).toEqual(paths);
  });

  it('are refused where the body of one cannot be read, and the answer before it stays what it is', async () => {
    await start();
    const broken = `POST /second HTTP/1.1\r\n${HOST}${CREDENTIAL}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`;
    const text = await exchangeRaw(plane.port, get('/first') + broken);
    expect(statuses(text)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(text).toMatch(/goods of \/first[^]*"code":"request_malformed"/);
    expect(seenPaths()).toEqual(['/first']);
  });
});

describe('the first answer again', () => {
  it('to a HEAD declares no length that the first did not declare', async () => {
    await start();
    const answer = { status: 200, rawHeaders: ['X-A', '1'], body: new Uint8Array() };
    plane.gate.onDecide = () =>
      Promise.resolve({ kind: 'grant', endpointId: 'e', grant: { via: 'replay', answer, payment: claim } } as const);
    const replayed = await call(plane.url, { method: 'HEAD' });
    expect(replayed.headers).toMatchObject({ 'x-a': '1', 'x-payment-outcome': 'charged' });
    expect(replayed.headers['content-length']).toBeUndefined();
    expect((await call(plane.url)).headers['content-length']).toBe('0');
  });
});
