import { createServer, IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ErrorCode, SatwayError } from '@satway/base';
import type { ListenAddress } from '../config/index.js';
import { CallResponse, type RequestHandler } from '../data-plane/index.js';
import { type CallSocket, isAnswering, refuseOnSocket, takeTurn } from './call-connection.js';

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
    // A request without Host, and one that expects what we do not know, are answered by the handler, which says what became of the money.
    requireHostHeader: false,
    noDelay: true,
  });
  // Node would leave out the lines behind the thousandth without a word, and whoever judges the head must see all of it.
  server.maxHeadersCount = 0;
  const connections = trackConnections(server);
  const take = (request: IncomingMessage, response: CallResponse): void => takeTurn(handle, request, response);
  server.on('request', take);
  server.on('checkContinue', (request: IncomingMessage, response: CallResponse) => {
    response.awaitsContinue = true;
    take(request, response);
  });
  server.on('checkExpectation', take);
  server.on('connect', (_request, socket) => refuseTunnel(socket as CallSocket));
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

/** The socket is ours alone from here on: nobody else hears of its errors, reads it or closes it. */
function refuseTunnel(socket: CallSocket): void {
  socket.on('error', () => socket.destroy()).resume();
  refuseOnSocket(socket, 'UPGRADE_REFUSED');
}

function codeOf(error: NodeJS.ErrnoException): ErrorCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'REQUEST_HEADERS_TOO_LARGE';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT';
  return 'REQUEST_MALFORMED';
}
