import { createServer, IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ErrorCode, errorTable, SatwayError } from '@satway/base';
import type { ListenAddress } from '../config/index.js';
import { CallResponse, type RequestHandler } from '../data-plane/index.js';

/** A listening server. */
export interface HttpListener {
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets running requests end, closes the connections that have none, and the others as theirs ends. */
  stopAccepting(): Promise<void>;
  /** Breaks every connection that is left. */
  breakConnections(): void;
}

/** Credentials are at most 4 KiB, six in base64; the rest is for everything else. */
const MAX_HEADER_BYTES = 16_384;
const HEAD_TIMEOUT_MS = 15_000;
/** Longer than the idle time of the usual load balancers, so that it is they who close. */
const KEEP_ALIVE_MS = 65_000;
const CLOSE_IDLE_EVERY_MS = 50;

/** A connection that remembers the answer it is busy with. */
interface CallSocket extends Socket {
  lastResponse?: CallResponse;
}

/**
 * Opens a listener.
 *
 * @param requestTimeoutMs - until the whole request has arrived.
 * @throws {SatwayError} `LISTEN_FAILED`.
 */
export async function openListener(
  address: ListenAddress,
  handle: RequestHandler,
  requestTimeoutMs: number,
): Promise<HttpListener> {
  const server = createServer({
    ServerResponse: CallResponse,
    IncomingMessage,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: Math.min(HEAD_TIMEOUT_MS, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  });
  const connections = trackConnections(server);
  server.on('request', (request: IncomingMessage, response: CallResponse) => {
    (request.socket as CallSocket).lastResponse = response;
    handle(request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: CallResponse) => {
    (request.socket as CallSocket).lastResponse = response;
    response.awaitsContinue = true;
    handle(request, response);
  });
  server.on('connect', (_request, socket) => refuseOnSocket(socket as CallSocket, 'UPGRADE_REFUSED'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseOnSocket(socket as CallSocket, codeOf(error)),
  );
  await listen(server, address);
  return toListener(server, connections, address);
}

/** The connections that are open at any time. */
function trackConnections(server: Server<typeof IncomingMessage, typeof CallResponse>): ReadonlySet<CallSocket> {
  const connections = new Set<CallSocket>();
  server.on('connection', (socket: CallSocket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

async function listen(
  server: Server<typeof IncomingMessage, typeof CallResponse>,
  address: ListenAddress,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `${address.host}:${address.port} (${cause.code ?? 'unknown'})`;
      reject(new SatwayError('LISTEN_FAILED', { detail, cause }));
    });
    server.listen(address.port, address.host, resolve);
  });
  server.removeAllListeners('error');
}

function toListener(
  server: Server<typeof IncomingMessage, typeof CallResponse>,
  connections: ReadonlySet<CallSocket>,
  { host }: ListenAddress,
): HttpListener {
  const { port } = server.address() as AddressInfo;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${port}`,
    port,
    stopAccepting: () => closeServer(server, connections),
    breakConnections: () => server.closeAllConnections(),
  };
}

/** A connection that was busy when the stop came falls idle later, and would then be kept alive for a minute. */
async function closeServer(
  server: Server<typeof IncomingMessage, typeof CallResponse>,
  connections: ReadonlySet<CallSocket>,
): Promise<void> {
  const timer = setInterval(() => closeIdle(connections), CLOSE_IDLE_EVERY_MS);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closeIdle(connections);
  await closed;
  clearInterval(timer);
}

/**
 * Closes what has no request under way. Node's own `closeIdleConnections` leaves a connection open on which nothing was sent yet, or half a head:
 * nobody waits for an answer there, and a stop must not wait for the caller's time to run out.
 */
function closeIdle(connections: ReadonlySet<CallSocket>): void {
  for (const socket of connections) if (!isAnswering(socket)) socket.destroy();
}

function isAnswering({ lastResponse }: CallSocket): boolean {
  return lastResponse !== undefined && !lastResponse.writableFinished;
}

function codeOf(error: NodeJS.ErrnoException): ErrorCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'REQUEST_HEADERS_TOO_LARGE';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT';
  return 'REQUEST_MALFORMED';
}

/**
 * For what the parser refused: there is no response object to answer with, and the connection is done. While an answer to an earlier request is
 * due, nothing may be written: it would be read as that answer, or as a part of it.
 */
function refuseOnSocket(socket: CallSocket, code: ErrorCode): void {
  const last = socket.lastResponse;
  const owesAnswer = last !== undefined && !last.writableFinished;
  if (owesAnswer && last.headersSent) socket.destroySoon();
  else if (!socket.writable || (owesAnswer && last.req.complete)) socket.destroy();
  else writeRefusal(socket, code);
}

function writeRefusal(socket: Socket, code: ErrorCode): void {
  const { httpStatus, message, nextStep } = errorTable[code];
  const status = httpStatus ?? 400;
  const problem = {
    type: 'about:blank',
    title: message,
    status,
    detail: nextStep,
    code: code.toLowerCase(),
    error: message,
  };
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
