import type { Socket } from 'node:net';
import { type ErrorCode, SatwayError } from '@satway/base';
import type { WebSocket } from 'ws';
import type { AddressPolicy } from '../address-policy/index.js';
import { createConnector } from '../connector/index.js';
import { watchLiveness } from './liveness.js';
import { parseSocketTarget } from './socket-target.js';
import type { EgressSocket, SocketRequest } from './socket-types.js';

const DEFAULT_PING_INTERVAL_MS = 25_000;

/** Opens one WebSocket through the connector of this room; see `Egress.openSocket`. */
export async function openSocket(request: SocketRequest, policy: AddressPolicy): Promise<EgressSocket> {
  const target = parseSocketTarget(request.url, request.allowPlain === true);
  // Loaded here and not above: most processes never open a socket, and each would wait for it at its start.
  const library = await import('ws');
  return new Promise((resolve, reject) => {
    const connection: Connection = { stream: null, isHeld: true };
    const socket = new library.WebSocket(target, {
      createConnection: connectThrough(target, request, policy, connection),
      headers: { ...request.headers },
      maxPayload: request.maxMessageBytes,
      // A few compressed bytes can be a message of any size.
      perMessageDeflate: false,
      followRedirects: false,
    });
    const life = new SocketLife(socket, request, {
      onOpen: () => resolve(handleOf(socket, connection, life)),
      onFailure: reject,
    });
  });
}

/** The stream below a socket, and whether the process waits for it. */
interface Connection {
  stream: Socket | null;
  isHeld: boolean;
}

type ConnectCallback = (error: Error | null, stream?: Socket) => void;

/** Hands the stream over when it stands; `http.request` takes it from the callback. */
function connectThrough(
  target: URL,
  request: SocketRequest,
  policy: AddressPolicy,
  connection: Connection,
): () => Socket {
  const connect = createConnector({
    connectTimeoutMs: request.handshakeTimeoutMs,
    ...request.tls,
    policy,
    reach: request.reach ?? 'public',
  });
  const isSecure = target.protocol === 'wss:';
  const options = {
    hostname: target.hostname.replace(/^\[(.*)\]$/, '$1'),
    host: target.host,
    protocol: isSecure ? 'https:' : 'http:',
    port: target.port === '' ? (isSecure ? '443' : '80') : target.port,
  };
  const createConnection = (_options: unknown, done: ConnectCallback): undefined => {
    connect(options, (error, stream) => {
      if (error !== null) return done(error);
      connection.stream = stream;
      return done(null, stream);
    });
  };
  // The types know only the form that answers at once.
  return createConnection as unknown as () => Socket;
}

/** What became of the handshake; one of the two, once. */
interface HandshakeEvents {
  onOpen(): void;
  onFailure(error: SatwayError): void;
}

/** Follows a socket from its first instant, since a peer can speak and leave before anybody has awaited the opening. */
class SocketLife {
  isClosedHere = false;
  readonly #socket: WebSocket;
  readonly #request: SocketRequest;
  #failure: Error | null = null;
  #isOpen = false;
  #stopWatching: () => void = () => undefined;

  constructor(socket: WebSocket, request: SocketRequest, handshake: HandshakeEvents) {
    this.#socket = socket;
    this.#request = request;
    const timer = setTimeout(() => this.#giveUp(), request.handshakeTimeoutMs);
    socket.on('message', (data, isBinary) => {
      if (!isBinary) request.events.onText(textOf(data));
    });
    socket.on('error', (cause) => void (this.#failure ??= cause));
    socket.once('open', () => {
      clearTimeout(timer);
      this.#open();
      handshake.onOpen();
    });
    socket.once('close', () => {
      clearTimeout(timer);
      if (this.#isOpen) this.#closed();
      else handshake.onFailure(notOpened(this.#failure));
    });
  }

  #open(): void {
    this.#isOpen = true;
    const intervalMs = this.#request.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS;
    this.#stopWatching = watchLiveness(this.#socket, intervalMs, () => this.#socket.terminate());
  }

  #giveUp(): void {
    this.#failure = new SatwayError('EGRESS_TIMEOUT');
    this.#socket.terminate();
  }

  #closed(): void {
    this.#stopWatching();
    this.#request.events.onClosed(this.isClosedHere ? null : brokenBy(this.#failure));
  }
}

function notOpened(cause: Error | null): SatwayError {
  const code: ErrorCode = cause instanceof SatwayError ? cause.code : 'EGRESS_UNREACHABLE';
  return new SatwayError(code, { cause, fundsMoved: 'no', facts: { requestMayHaveBeenSent: false } });
}

function handleOf(socket: WebSocket, connection: Connection, life: SocketLife): EgressSocket {
  return {
    send(text) {
      if (socket.readyState !== socket.OPEN) return false;
      // A failure to write shows as the end of the socket.
      socket.send(text, () => undefined);
      return true;
    },
    holdProcess(hold) {
      if (connection.isHeld === hold) return;
      connection.isHeld = hold;
      if (hold) connection.stream?.ref();
      else connection.stream?.unref();
    },
    close() {
      life.isClosedHere = true;
      socket.terminate();
    },
  };
}

function brokenBy(cause: Error | null): SatwayError {
  const isTooLarge = cause !== null && 'code' in cause && cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
  return new SatwayError(isTooLarge ? 'EGRESS_TOO_LARGE' : 'EGRESS_BROKEN', {
    cause,
    facts: { requestMayHaveBeenSent: true },
  });
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
