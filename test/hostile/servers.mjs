// Servers of the other side: real sockets, and a record of every byte of every request that reached them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';

/** A request of the naive buyer comes again and again; nobody needs to see more of them than this. */
const MOST_REQUESTS = 200;
/** On a busy machine a connection must not close in the very moment in which the next request is written. */
const IDLE_MS = 120_000;

/**
 * An HTTP server on loopback. `handler(request, response)` gets `{ method, url, headers, body, number }`; what it throws ends the connection.
 *
 * @param tls - a certificate with its key; plain http without.
 */
export async function openHttpServer(name, handler, { tls = null, host = '127.0.0.1' } = {}) {
  const received = [];
  const listener = (incoming, response) => void serve(incoming, response).catch(() => response.destroy());
  const serve = async (incoming, response) => {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    const body = await readBody(incoming);
    const { method, url, headers, rawHeaders } = incoming;
    received.push(`${method} ${url}\n${rawHeaders.join('\n')}\n\n${body}`);
    if (received.length > MOST_REQUESTS) return void response.destroy();
    await handler({ method, url, headers, body, number: received.length }, response);
  };
  const server =
    tls === null
      ? createServer({ maxHeaderSize: 1_000_000, keepAliveTimeout: IDLE_MS }, listener)
      : createTlsServer({ cert: tls.certificatePem, key: tls.privateKeyPem, keepAliveTimeout: IDLE_MS }, listener);
  return listening({ name, server, received, host, scheme: tls === null ? 'http' : 'https' });
}

/** A server that writes its own bytes: `answer(socket, requestText, number)` is called for each request head. */
export async function openRawServer(name, answer) {
  const received = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.setEncoding('latin1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        received.push(text.slice(0, end));
        text = text.slice(end + 4);
        if (received.length > MOST_REQUESTS) socket.destroy();
        else answer(socket, received.at(-1), received.length);
      }
    });
  });
  return listening({ name, server, received, host: '127.0.0.1', scheme: 'http' });
}

async function listening({ name, server, received, host, scheme }) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address();
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    name,
    port,
    received,
    url: `${scheme}://${shownHost}:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function readBody(incoming) {
  let body = '';
  incoming.setEncoding('latin1');
  for await (const chunk of incoming) body += chunk;
  return body;
}
