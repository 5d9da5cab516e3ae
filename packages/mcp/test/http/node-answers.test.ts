import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { countingFactory, INITIALIZE, serveHere, TOKEN } from './scene.js';

const HEADERS = [
  "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options: DENY',
  'X-Content-Type-Options: nosniff',
  'Cache-Control: no-store',
];

/** Sends bytes as they are, and reads until the server ends the connection. */
async function sendRaw(url: string, head: readonly string[], body = ''): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  return text;
}

const AUTHORIZED = [`Authorization: Bearer ${TOKEN}`];
const BODY = ['Content-Type: application/json', `Content-Length: ${INITIALIZE.length}`];
const HERE = 'Host: 127.0.0.1';
const CHUNKED = ['Content-Length: 5', 'Transfer-Encoding: chunked'];

describe('what Node would answer by itself', () => {
  it.each<[string, number, string[], string?]>([
    ['a head that is none', 400, ['GET /mcp HTTP/1.1', HERE, 'bad header']],
    ['no Host', 400, ['GET /mcp HTTP/1.1', ...AUTHORIZED]],
    ['two lengths of one body', 400, ['POST /mcp HTTP/1.1', HERE, ...AUTHORIZED, ...CHUNKED], '0\r\n\r\n'],
    ['a head that is too long', 431, ['GET /mcp HTTP/1.1', HERE, `X: ${'a'.repeat(20_000)}`]],
    ['an unknown expectation', 417, ['POST /mcp HTTP/1.1', HERE, 'Expect: 200-ok', ...BODY]],
    ['a broken chunk', 400, ['POST /mcp HTTP/1.1', HERE, ...AUTHORIZED, BODY[0] ?? '', CHUNKED[1] ?? ''], 'x\r\n'],
  ])('is answered by us, with all our headers: %s', async (_, status, head, body) => {
    const { url } = await serveHere();
    const answer = await sendRaw(url, head, body);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const header of HEADERS) expect(answer).toContain(`\r\n${header}\r\n`);
    expect(answer.split('HTTP/1.1')).toHaveLength(2);
  });
});

describe('a caller who waits for 100 Continue', () => {
  const expecting = (more: string[]) => ['POST /mcp HTTP/1.1', 'Expect: 100-continue', ...BODY, ...more];

  it.each([
    ['without a token', 401, [HERE]],
    ['under a foreign name', 403, ['Host: evil.example', ...AUTHORIZED]],
    ['from a foreign page', 403, [HERE, 'Origin: https://evil.example', ...AUTHORIZED]],
  ])('is not told to go on %s', async (_, status, more) => {
    const { factory, calls } = countingFactory();
    const { url } = await serveHere({ factory });
    expect(await sendRaw(url, expecting(more))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(calls.made).toBe(0);
  });

  it('goes on with the token, and is answered', async () => {
    const { url } = await serveHere();
    const accept = 'Accept: application/json, text/event-stream';
    const head = expecting([HERE, ...AUTHORIZED, accept, 'Connection: close']);
    expect(await sendRaw(url, head, INITIALIZE)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});

describe('a head of more lines than Node shows by default', () => {
  const many = Array.from({ length: 1_100 }, () => 'a:');

  it.each([
    ['a second token', 401, [HERE, ...AUTHORIZED, ...many, 'Authorization: Bearer other']],
    ['a second Host', 403, [HERE, ...AUTHORIZED, ...many, 'Host: evil.example']],
    ['a foreign page', 403, [HERE, ...AUTHORIZED, ...many, 'Origin: https://evil.example']],
  ])('is read to its end: %s is seen there', async (_, status, lines) => {
    const { url } = await serveHere();
    const answer = await sendRaw(url, ['GET /mcp HTTP/1.1', 'Connection: close', ...lines]);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});
