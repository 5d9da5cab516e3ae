import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, exchangeRaw } from '../support/http-call.js';
import { type Origin, startOrigin } from '../support/origin.js';
import { type Plane, startPlane } from '../support/plane.js';
import { ScriptedClaim } from '../support/scripted-gate.js';

let origin: Origin;
let plane: Plane;
beforeEach(async () => {
  origin = await startOrigin((_request, response) => response.end('reached'));
  plane = await startPlane({ originUrl: origin.url });
});
afterEach(async () => {
  await plane.close();
  await origin.close();
});

const HOST = 'Host: shop\r\n';
const CLOSE = 'Connection: close\r\n';
const CREDENTIAL = `Authorization: L402 AgEG:${'00'.repeat(32)}\r\n`;
/** More than Node shows by default. */
const MANY_LINES = 'a:\r\n'.repeat(1_100);

describe('a request that could be read in two ways', () => {
  it.each([
    [
      'Content-Length and Transfer-Encoding',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x`,
    ],
    ['two Content-Lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    [
      'two equal Content-Lengths',
      `POST / HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    ],
    ['a list of Content-Lengths', `POST / HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 5, 5\r\n\r\nhello`],
    ['a Content-Length with a sign', `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`],
    ['a Content-Length in hex', `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\nhello`],
    [
      'another coding before chunked',
      `POST / HTTP/1.1\r\n${HOST}${CLOSE}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunked in disguise', `POST / HTTP/1.1\r\n${HOST}${CLOSE}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `POST / HTTP/1.1\r\n${HOST}Content-Length : 5\r\n\r\nhello`],
    ['a folded line', `GET / HTTP/1.1\r\n${HOST}X-Folded: a\r\n b\r\n\r\n`],
    ['a bare line feed after a header', `GET / HTTP/1.1\r\n${HOST}X-A: 1\nX-B: 2\r\n\r\n`],
    ['a bare line feed after the request line', `GET / HTTP/1.1\n${HOST}\r\n`],
    ['a bare carriage return in a header', `GET / HTTP/1.1\r\n${HOST}X-A: 1\rX-B: 2\r\n\r\n`],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${HOST}X-A: 1\0\r\n\r\n`],
    ['two Hosts', `GET / HTTP/1.1\r\n${HOST}Host: other\r\n${CLOSE}\r\n`],
    ['no Host', `GET / HTTP/1.1\r\n${CLOSE}\r\n`],
    ['no Host in an unknown minor version', `GET / HTTP/1.2\r\n${CLOSE}\r\n`],
    [
      'a chunk size that is not one',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
    ],
    ['an unknown protocol version', `GET / HTTP/9.9\r\n${HOST}\r\n`],
    ['an absolute target', `GET http://other/x HTTP/1.1\r\n${HOST}${CLOSE}\r\n`],
    ['an asterisk as target', `OPTIONS * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`],
  ])('(%s) is refused and never reaches the origin', async (_what, bytes) => {
    const text = await exchangeRaw(plane.port, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 (400|413|505) /);
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(origin.seen).toEqual([]);
  });

  it('leaves no bytes behind that become a request of their own at the origin', async () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: origin\r\n\r\n';
    await exchangeRaw(
      plane.port,
      `POST /outer HTTP/1.1\r\n${HOST}Content-Length: ${smuggled.length}\r\n${CLOSE}\r\n${smuggled}`,
    );
    expect(origin.seen.map(({ url, body }) => [url, body])).toEqual([['/outer', smuggled]]);
  });
});

describe('a head that is too large', () => {
  it('(64 KiB) is answered 431, in our words', async () => {
    const text = await exchangeRaw(plane.port, `GET / HTTP/1.1\r\n${HOST}X-Large: ${'a'.repeat(65_536)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('"code":"request_headers_too_large"');
  });

  it.each([
    ['a second Authorization', `${CREDENTIAL}${MANY_LINES}Authorization: Bearer x\r\n`],
    ['its only credential', `${MANY_LINES}${CREDENTIAL}`],
    ['a second Host', `${CREDENTIAL}${MANY_LINES}Host: other\r\n`],
    ['its length', `${CREDENTIAL}${MANY_LINES}Content-Length: 2\r\n`],
    ['its coding', `${CREDENTIAL}${MANY_LINES}Transfer-Encoding: chunked\r\n`],
  ])('is read to its end: with %s behind a thousand lines it is 431, and not charged', async (_what, lines) => {
    const text = await exchangeRaw(plane.port, `POST / HTTP/1.1\r\n${HOST}${CLOSE}${lines}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 [^]*\r\nX-Payment-Outcome: not_charged\r\n/);
    expect(plane.gate.facts).toBeNull();
    expect(origin.seen).toEqual([]);
  });

  it('says so too where the lines are short, and without a word of money where nobody paid', async () => {
    const text = await exchangeRaw(plane.port, `GET / HTTP/1.1\r\n${HOST}${CLOSE}${MANY_LINES}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).not.toContain('X-Payment');
  });

  it('of 900 lines passes whole, with our own lines and the length of the body', async () => {
    const lines = 'a: b\r\n'.repeat(896);
    await exchangeRaw(plane.port, `POST / HTTP/1.1\r\n${HOST}${CLOSE}${lines}X-Last: c\r\nContent-Length: 2\r\n\r\nhi`);
    expect(origin.seen[0]).toMatchObject({ body: 'hi', headers: { 'x-last': 'c', 'content-length': '2' } });
    expect(origin.seen[0]?.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('leaves room for the largest credential', async () => {
    const authorization = `L402 ${'A'.repeat(5_464)}:${'00'.repeat(32)}`;
    expect((await call(plane.url, { headers: { authorization } })).status).toBe(200);
  });
});

describe('a request without Host', () => {
  it('says that its credential was not charged', async () => {
    const text = await exchangeRaw(plane.port, `GET / HTTP/1.1\r\n${CLOSE}${CREDENTIAL}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*\r\nX-Payment-Outcome: not_charged\r\n/);
  });

  it('passes in HTTP/1.0, which knows none', async () => {
    expect(await exchangeRaw(plane.port, `GET / HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('an expectation that nobody knows', () => {
  it('is passed over, as it may be (RFC 9110, 10.1.1)', async () => {
    plane.gate.claim = new ScriptedClaim();
    const text = await exchangeRaw(plane.port, `GET / HTTP/1.1\r\n${HOST}${CLOSE}${CREDENTIAL}Expect: 200-ok\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*\r\nX-Payment-Outcome: charged\r\n/);
    expect(origin.seen[0]?.headers.expect).toBeUndefined();
  });
});

describe('an upgrade', () => {
  it.each([
    ['to a web socket', `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['by CONNECT', `CONNECT other:443 HTTP/1.1\r\n${HOST}\r\n`],
  ])('%s is refused', async (_what, bytes) => {
    const text = await exchangeRaw(plane.port, bytes.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect(text).toMatch(/^HTTP\/1\.1 501 /);
    expect(text).toContain('"code":"upgrade_refused"');
    expect(origin.seen).toEqual([]);
  });
});

describe('an offer of HTTP/2 in the clear', () => {
  it('is passed over, and nothing of it reaches the origin', async () => {
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    const text = await exchangeRaw(plane.port, `GET / HTTP/1.1\r\n${HOST}${offer}${CLOSE}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(origin.seen[0]?.rawHeaders.join().toLowerCase()).not.toMatch(/upgrade|http2/);
  });
});

describe('the raw header lines', () => {
  it('reach the gate with both of two Authorization lines, of which the parser keeps the first', async () => {
    await exchangeRaw(
      plane.port,
      `GET / HTTP/1.1\r\n${HOST}Authorization: L402 a:b\r\nAuthorization: L402 c:d\r\n${CLOSE}\r\n`,
    );
    const raw = plane.gate.facts?.rawHeaders ?? [];
    expect(raw.filter((_, i) => raw[i - 1] === 'Authorization')).toEqual(['L402 a:b', 'L402 c:d']);
  });
});
