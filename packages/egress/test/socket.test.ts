import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createEgress, type EgressSocket, type SocketRequest } from '@satway/egress';
import type { SatwayError } from '@satway/base';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

const read = (name: string): string => readFileSync(new URL(`./certificates/${name}`, import.meta.url), 'utf8');

let egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost', '[::1]'] });
const endings: (() => unknown)[] = [];

afterEach(async () => {
  await egress.close();
  for (const end of endings.splice(0)) await end();
  egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost', '[::1]'] });
});

async function listen(server: Server | ReturnType<typeof createHttpsServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A peer that speaks as `behave` says; compresses where it is asked to. */
async function startPeer(behave: (socket: WebSocket, offered: string | undefined) => void): Promise<string> {
  const server = createHttpServer();
  const peer = new WebSocketServer({ server, perMessageDeflate: true });
  peer.on('connection', (socket, request) => behave(socket, request.headers['sec-websocket-extensions']));
  return `ws://127.0.0.1:${await listen(server)}/`;
}

interface Opened {
  readonly socket: EgressSocket;
  readonly texts: string[];
  readonly closed: Promise<SatwayError | null>;
}

async function open(url: string, more: Partial<SocketRequest> = {}): Promise<Opened> {
  const texts: string[] = [];
  let tellClosed: (error: SatwayError | null) => void = () => undefined;
  const closed = new Promise<SatwayError | null>((resolve) => (tellClosed = resolve));
  const socket = await egress.openSocket({
    url,
    handshakeTimeoutMs: 5_000,
    maxMessageBytes: 1_000,
    events: { onText: (text) => texts.push(text), onClosed: tellClosed },
    ...more,
  });
  return { socket, texts, closed };
}

describe('a socket', () => {
  it('carries whole texts both ways, and hears what the peer says in its first instant', async () => {
    const url = await startPeer((socket) => {
      socket.send('first');
      socket.on('message', (data) => socket.send(`echo ${(data as Buffer).toString()}`));
    });
    const { socket, texts } = await open(url);
    expect(socket.send('hello')).toBe(true);
    await expect.poll(() => texts).toEqual(['first', 'echo hello']);
  });

  it('shows its headers with the upgrade', async () => {
    const server = createHttpServer();
    const shown: (string | undefined)[] = [];
    new WebSocketServer({ server }).on('connection', (_socket, { headers }) => shown.push(headers.authorization));
    const url = `ws://127.0.0.1:${await listen(server)}/`;
    await open(url, { headers: { Authorization: 'Basic OnBhc3N3b3Jk' } });
    await open(url);
    expect(shown).toEqual(['Basic OnBhc3N3b3Jk', undefined]);
  });

  it('offers no compression', async () => {
    let offer: string | undefined = 'none came';
    const url = await startPeer((_socket, offered) => void (offer = offered));
    await open(url);
    expect(offer).toBeUndefined();
  });

  it('ends at a message over its limit', async () => {
    const url = await startPeer((socket) => socket.send('x'.repeat(1_001)));
    const { closed, texts } = await open(url);
    expect(await closed).toMatchObject({ code: 'EGRESS_TOO_LARGE' });
    expect(texts).toEqual([]);
  });

  it('drops binary messages', async () => {
    const url = await startPeer((socket) => {
      socket.send(Buffer.from('binary'));
      socket.send('text');
    });
    const { texts } = await open(url);
    await expect.poll(() => texts).toEqual(['text']);
  });

  it('tells of a peer that leaves, and takes nothing more', async () => {
    const url = await startPeer((socket) => socket.terminate());
    const { socket, closed } = await open(url);
    expect(await closed).toMatchObject({ code: 'EGRESS_BROKEN' });
    expect(socket.send('late')).toBe(false);
  });

  it('gives up a peer that shows no sign of life', async () => {
    const url = await startPeer((socket) => socket.pause());
    const { closed } = await open(url, { pingIntervalMs: 20 });
    expect(await closed).toMatchObject({ code: 'EGRESS_BROKEN' });
  });

  it('keeps a quiet peer that answers its pings', async () => {
    let pings = 0;
    const url = await startPeer((socket) =>
      socket.on('ping', () => {
        pings += 1;
        if (pings === 5) socket.send('still here');
      }),
    );
    const { texts } = await open(url, { pingIntervalMs: 20 });
    await expect.poll(() => texts).toEqual(['still here']);
  });

  it('closes without an error when told to, and with the door', async () => {
    const url = await startPeer(() => undefined);
    const first = await open(url);
    first.socket.close();
    first.socket.close();
    expect(await first.closed).toBeNull();
    const second = await open(url);
    await egress.close();
    expect(await second.closed).toBeNull();
  });
});

describe('opening a socket', () => {
  it.each(['http://127.0.0.1/', 'ws://user:pass@127.0.0.1/', 'nonsense', 'ws://relay.example/', 'ws://10.0.0.1/'])(
    'to %s is refused before anything leaves',
    async (url) => {
      await expect(open(url)).rejects.toMatchObject({ code: 'EGRESS_URL_INVALID', fundsMoved: 'no' });
    },
  );

  it('in plain text to another machine is possible where the caller says so', async () => {
    await expect(open('ws://relay.invalid/', { allowPlain: true })).rejects.toMatchObject({
      code: 'EGRESS_UNREACHABLE',
    });
  });

  it('fails where nobody listens, and where the answer is no upgrade', async () => {
    const plain = createHttpServer((_request, response) => {
      response.statusCode = 403;
      response.end('no');
    });
    const port = await listen(plain);
    const nothingSent = { code: 'EGRESS_UNREACHABLE', fundsMoved: 'no', facts: { requestMayHaveBeenSent: false } };
    await expect(open(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject(nothingSent);
    await expect(open('ws://127.0.0.1:1/')).rejects.toMatchObject(nothingSent);
  });

  it('follows no redirect', async () => {
    let connections = 0;
    const url = await startPeer(() => void (connections += 1));
    const redirecting = createHttpServer();
    redirecting.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url}\r\nContent-Length: 0\r\n\r\n`);
    });
    const port = await listen(redirecting);
    await expect(open(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'EGRESS_UNREACHABLE' });
    expect(connections).toBe(0);
  });

  it('ends at its time limit when the peer says nothing', async () => {
    const silent = createTcpServer((socket) => void endings.push(() => socket.destroy()));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    endings.push(() => silent.close());
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    await expect(open(url, { handshakeTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'EGRESS_TIMEOUT',
      fundsMoved: 'no',
    });
  });

  it('over TLS trusts the pinned certificate and no other', async () => {
    const server = createHttpsServer({ cert: read('pinned.cert'), key: read('pinned.key') });
    let connections = 0;
    new WebSocketServer({ server }).on('connection', (socket) => {
      connections += 1;
      socket.send('sealed');
    });
    const url = `wss://127.0.0.1:${await listen(server)}/`;
    const { texts } = await open(url, { tls: { certificatePem: read('pinned.cert') } });
    await expect.poll(() => texts).toEqual(['sealed']);
    await expect(open(url, { tls: { certificatePem: read('other.cert') } })).rejects.toMatchObject({
      code: 'EGRESS_TLS_MISMATCH',
      fundsMoved: 'no',
    });
    await expect(open(url)).rejects.toMatchObject({ code: 'EGRESS_UNREACHABLE' });
    expect(connections).toBe(1);
  });
});
