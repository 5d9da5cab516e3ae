import { Agent, type Dispatcher, Pool } from 'undici';
import {
  type AddressPolicy,
  type AddressPolicyOptions,
  createAddressPolicy,
  type Reach,
} from './address-policy/index.js';
import { type CertificatePin, createConnector, keyOfPin, watchForStale } from './connector/index.js';
import { type ExchangeRequest, type ExchangeResponse, exchangeOver, parseTarget } from './exchange/index.js';
import { repeatExchange } from './retry/index.js';
import { type EgressSocket, openSocket, type SocketRequest } from './socket/index.js';

/** How the door behaves; every value has a safe default. */
export interface EgressOptions extends AddressPolicyOptions {
  /** For the connection alone, DNS and TLS included; 10,000 by default. */
  readonly connectTimeoutMs?: number;
}

/** How connections to one origin are kept for many requests. */
export interface PoolOptions {
  /** At most this many connections at a time; unbounded by default. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  /** Until the answer's head; 0 for none. */
  readonly headersTimeoutMs?: number;
  /** Between two chunks of the answer's body; 0 for none. */
  readonly bodyTimeoutMs?: number;
  readonly keepAliveTimeoutMs?: number;
  readonly certificatePem?: string;
}

/**
 * The only door out: all outgoing connections of the product, but those of the database driver, are opened here.
 *
 * Only public addresses are reached unless the request says that its host was configured, or the host is among `allowHosts`.
 */
export interface Egress {
  /**
   * Sends one request and answers when the head is there. Never follows a redirect, and repeats a request only where it says how often (`retries`).
   *
   * @throws {SatwayError} `EGRESS_URL_INVALID`, `EGRESS_ADDRESS_REFUSED`, `EGRESS_UNREACHABLE`, `EGRESS_TLS_MISMATCH` (nothing was sent); `EGRESS_TIMEOUT`, `EGRESS_BROKEN`,
   * `EGRESS_TOO_LARGE`, `EGRESS_ABORTED`. `facts.requestMayHaveBeenSent` is `false` only where not a byte can have left.
   */
  exchange(request: ExchangeRequest): Promise<ExchangeResponse>;
  /**
   * A dispatcher for the hot path to one configured origin; the caller follows the bytes itself, and closes it. It repeats nothing: `isStaleConnection` tells
   * which failures come from the end of an idle connection.
   */
  openPool(origin: string, options?: PoolOptions): Dispatcher;
  /**
   * Opens a WebSocket and answers when it is open. Uncompressed; a redirect is a failure.
   *
   * @throws {SatwayError} `EGRESS_URL_INVALID`, `EGRESS_ADDRESS_REFUSED`, `EGRESS_UNREACHABLE`, `EGRESS_TLS_MISMATCH`, `EGRESS_TIMEOUT`; nothing was sent. What ends an open one is told to
   *   `events.onClosed`: `EGRESS_BROKEN`, `EGRESS_TOO_LARGE`.
   */
  openSocket(request: SocketRequest): Promise<EgressSocket>;
  /** Closes what `exchange` and `openSocket` hold open; running exchanges break. */
  close(): Promise<void>;
}

/**
 * Opens the door. One for a process is enough: it keeps connections alive, a set for each pinned certificate.
 *
 * @throws {SatwayError} `EGRESS_HOSTS_INVALID`.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const policy = createAddressPolicy(options);
  const agents = new Map<string, Agent>();
  const sockets = new Set<EgressSocket>();
  const agentFor = (pin: CertificatePin, reach: Reach): Agent => {
    const key = `${reach} ${keyOfPin(pin)}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({ connect: createConnector({ connectTimeoutMs, policy, reach, ...pin }), pipelining: 1 });
    agents.set(key, agent);
    return agent;
  };
  return {
    async exchange(request) {
      const target = parseTarget(request.url);
      const agent = agentFor(request.tls ?? {}, request.reach ?? 'public');
      return repeatExchange(request, (attempt) => exchangeOver(agent, attempt, target));
    },
    openPool: (origin, poolOptions = {}) => openPool(origin, policy, { connectTimeoutMs, ...poolOptions }),
    openSocket: (request) => openTracked(request, policy, sockets),
    async close() {
      for (const socket of sockets) socket.close();
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

async function openTracked(
  request: SocketRequest,
  policy: AddressPolicy,
  sockets: Set<EgressSocket>,
): Promise<EgressSocket> {
  let socket: EgressSocket | null = null;
  let isClosed = false;
  const onClosed: SocketRequest['events']['onClosed'] = (error) => {
    isClosed = true;
    if (socket !== null) sockets.delete(socket);
    request.events.onClosed(error);
  };
  const events = { onText: (text: string) => request.events.onText(text), onClosed };
  socket = await openSocket({ ...request, events }, policy);
  if (!isClosed) sockets.add(socket);
  return socket;
}

function openPool(
  origin: string,
  policy: AddressPolicy,
  options: PoolOptions & { readonly connectTimeoutMs: number },
): Dispatcher {
  const { connectTimeoutMs, certificatePem } = options;
  const connect = createConnector({ connectTimeoutMs, certificatePem, policy, reach: 'configured' });
  return new Pool(parseTarget(origin).origin, {
    connect: (target, callback) =>
      connect(target, (error, socket) => {
        if (error !== null) return callback(error, null);
        watchForStale(socket);
        return callback(null, socket);
      }),
    connections: options.connections ?? null,
    pipelining: 1,
    headersTimeout: options.headersTimeoutMs ?? 30_000,
    bodyTimeout: options.bodyTimeoutMs ?? 60_000,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 4_000,
  });
}
