import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallResponse } from '../src/data-plane/index.js';
import { type HttpListener, openListener } from '../src/server/http-listener.js';
import { call } from './support/http-call.js';

/** So long that no test would see the end of it. */
const REQUEST_MS = 600_000;
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let listener: HttpListener;
let asked: CallResponse[];
let onAsked: () => void;
beforeEach(async () => {
  asked = [];
  onAsked = () => undefined;
  const listen = { host: '127.0.0.1', port: 0 };
  listener = await openListener(
    listen,
    (request, response) => {
      asked.push(response);
      if (request.url === '/') response.end('ok');
      onAsked();
    },
    REQUEST_MS,
  );
});
afterEach(() => listener.breakConnections());

/** Opens a connection that the listener has seen, with these bytes. */
async function openWith(bytes: string): Promise<{ socket: Socket; text: () => string; closed: Promise<unknown> }> {
  const socket = connect(listener.port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => (text += chunk.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  // An answer to a connection that came later: this one was accepted before it.
  await call(listener.url);
  return { socket, text: () => text, closed };
}

describe('a listener that stops', () => {
  it.each([
    ['sent nothing', ''],
    ['sent half a head', 'GET / HTT'],
    ['sent half a head after a whole request', `${REQUEST}GET / HTTP/1.1\r\n`],
    ['keeps an idle connection', REQUEST],
  ])('does not wait for a caller who %s', async (_which, bytes) => {
    const { closed } = await openWith(bytes);
    await listener.stopAccepting();
    await closed;
  });

  it('lets a request end that is under way, and closes behind its answer', async () => {
    const { text, closed } = await openWith('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    const idle = await openWith('');
    const stopped = listener.stopAccepting();
    await idle.closed;
    expect(text()).toBe('');
    asked[0]?.end('after all');
    await stopped;
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*after all$/);
  });

  it('lets a request end that waits behind another one on its connection', async () => {
    const { text, closed } = await openWith('GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n');
    const stopped = listener.stopAccepting();
    const second = new Promise<void>((resolve) => (onAsked = resolve));
    answerTo('/a').end('first');
    await second;
    answerTo('/b').end('second');
    await stopped;
    await closed;
    expect(text()).toMatch(/first[^]*second/);
  });
});

function answerTo(url: string): CallResponse {
  const response = asked.find(({ req }) => req.url === url);
  if (response === undefined) throw new Error(`Nobody asked for ${url}.`);
  return response;
}

describe('a caller who sends on without waiting', () => {
  it('is not read for ever while the first answer is due', async () => {
    const { socket } = await openWith('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.write('GET /more HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000_000));
    for (let i = 0; i < 30; i++) await call(listener.url);
    expect(answerTo('/slow').req.socket.bytesRead).toBeLessThan(200_000);
    expect(asked.map(({ req }) => req.url)).not.toContain('/more');
    socket.destroy();
  });
});

describe('a connection that was refused', () => {
  it.each([
    ['for what is no request', 'GARBAGE\r\n\r\n', 400],
    ['for a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 501],
  ])('%s is closed, whether or not the caller closes his side', async (_why, bytes, status) => {
    const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
    const failed = new Promise((resolve) => socket.once('error', resolve));
    const said = new Promise<string>((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.write(bytes);
    expect(await said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await ended;
    // A server that is gone for good answers with a reset.
    const writing = setInterval(() => socket.write('x'), 50);
    await failed;
    clearInterval(writing);
    socket.destroy();
  });

  it('harms nobody when the caller resets it', async () => {
    const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', resolve));
    socket.resetAndDestroy();
    expect((await call(listener.url)).status).toBe(200);
  });
});
