import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** One request, read whole. */
export interface RawRequest {
  readonly head: string;
  readonly body: string;
}

/** What a server does with the socket once it has the request. */
export type RawScript = (socket: Socket, request: RawRequest) => void;

export interface RawServer {
  readonly url: string;
  readonly requests: RawRequest[];
  /** For every request but `getinfo`. */
  script: RawScript;
  /** What `getinfo` says beside its key and its network. */
  info: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

const INFO = {
  identity_pubkey: `02${'ab'.repeat(32)}`,
  chains: [{ chain: 'bitcoin', network: 'regtest' }],
};

/** A server that says bytes instead of HTTP, so that it can say anything. */
export async function startRawServer(port = 0): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const request = wholeRequest(received);
      if (request === null) return;
      received = '';
      if (request.head.includes('/v1/getinfo'))
        return void socket.write(unary(200, JSON.stringify({ ...INFO, ...raw.info })));
      raw.requests.push(request);
      raw.script(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const raw: RawServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    script: (socket) => void socket.destroy(),
    info: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return raw;
}

function wholeRequest(received: string): RawRequest | null {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = received.slice(0, end);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const body = received.slice(end + 4);
  return body.length < length ? null : { head, body };
}

export function unary(status: number, body: string, type = 'application/json'): string {
  const head = `HTTP/1.1 ${status} X\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `${head}\r\nDate: Sat, 21 Nov 2026 14:07:44 GMT\r\n\r\n${body}`;
}

/** An error of LND's, as a unary answer has it. */
export const unaryError = (message: string, code = 2): string =>
  unary(code === 5 ? 404 : 500, JSON.stringify({ code, message, details: [] }));

/** Method and path without its question. */
export const targetOf = ({ head }: RawRequest): string => /^(\S+ [^ ?]+)/.exec(head)?.[1] ?? '';

export const streamHead = (status = 200): string =>
  `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nDate: Sat, 21 Nov 2026 14:07:44 GMT\r\n\r\n`;
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const lastChunk = '0\r\n\r\n';
