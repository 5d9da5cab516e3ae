import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toWebRequest } from '@modelcontextprotocol/node';
import { isJsonContentType, type McpServerFactory } from '@modelcontextprotocol/server';
import { SatwayError } from '@satway/base';
import { createAddressLimiter } from './address-limiter.js';
import { corsHeaders, isPreflight, PREFLIGHT_HEADERS } from './cors.js';
import { createEndpoint, type McpEndpoint } from './endpoint.js';
import { type GuardOptions, type Refusal, refuseCaller, refuseStranger } from './guards.js';
import { isLoopback } from './loopback.js';
import { serveRequests } from './node-answers.js';
import { readBody } from './read-body.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { describeWeakTls } from './weak-tls.js';
import { writeRefusal, writeResponse } from './write-response.js';

const PATH = '/mcp';
const MAX_BODY_BYTES = 100 * 1024;
const REQUESTS_PER_MINUTE = 100;
const MAX_ADDRESSES = 10_000;
const MAX_SESSIONS = 100;
const SESSION_IDLE_MS = 30 * 60_000;
const SWEEP_EVERY_MS = 60_000;
const MAX_CONNECTIONS = 256;

/** Whoever sends slowly, or nothing, makes room for others. */
const SOCKET_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  // A request without Host is refused here, with our headers.
  requireHostHeader: false,
};

export interface HttpServingOptions {
  readonly factory: McpServerFactory;
  /** 0: any port that is free. */
  readonly port: number;
  readonly bindAddress: string;
  /** One origin whose pages may call, `*` for any; `null` for none. */
  readonly corsOrigin: string | null;
  /** What each caller shows as bearer token, also on loopback. */
  readonly authToken: string;
  /** Names, without port, under which this server may be called besides its loopback names. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** Something that works and should be mended. */
  readonly warn: (warning: string) => void;
  /** Default: the process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default: as the README says. */
  readonly limits?: Partial<ServingLimits>;
  /** Milliseconds that only grow. Default: the machine's. */
  readonly nowMs?: () => number;
}

/** For tests, which cannot wait half an hour. */
export interface ServingLimits {
  readonly requestsPerMinute: number;
  readonly maxSessions: number;
  readonly sessionIdleMs: number;
}

export interface HttpServing {
  /** Where clients connect, path included. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves MCP over Streamable HTTP, both protocol eras, until it is closed. Nothing of a request is read before its address, host, origin and token were checked.
 *
 * @throws {SatwayError} `MCP_LISTEN_FAILED` when the address cannot be had.
 */
export async function serveHttp(options: HttpServingOptions): Promise<HttpServing> {
  warnOfDoubtful(options);
  const { nowMs = () => performance.now(), limits = {}, allowedHosts = [] } = options;
  const {
    requestsPerMinute = REQUESTS_PER_MINUTE,
    maxSessions = MAX_SESSIONS,
    sessionIdleMs = SESSION_IDLE_MS,
  } = limits;
  const counted = { perMinute: requestsPerMinute, maxAddresses: MAX_ADDRESSES, nowMs };
  const limiters = { withToken: createAddressLimiter(counted), withoutToken: createAddressLimiter(counted) };
  const endpoint = createEndpoint({
    factory: options.factory,
    onError: () => undefined,
    maxSessions,
    idleMs: sessionIdleMs,
    maxBodyBytes: MAX_BODY_BYTES,
    nowMs,
  });
  const guards = { ...options, allowedHosts: allowedHosts.map((name) => name.toLowerCase()), limiters };
  const server = createServer(SOCKET_LIMITS);
  serveRequests(server, (request, response) => {
    answer(guards, endpoint, request, response).catch(() => fail(response));
  });
  server.maxConnections = MAX_CONNECTIONS;
  const url = await listen(server, options);
  const sweeping = setInterval(() => endpoint.sweep(), SWEEP_EVERY_MS).unref();
  return {
    url,
    async close() {
      clearInterval(sweeping);
      const closed = new Promise((resolve) => server.close(resolve));
      await endpoint.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function warnOfDoubtful({ bindAddress, corsOrigin, warn, environment = process.env }: HttpServingOptions): void {
  if (!isLoopback(bindAddress)) {
    warn(
      `The MCP server listens on ${bindAddress}, beyond this machine, without TLS: whoever reads the token on its way can spend. Put a proxy with TLS in front of it.`,
    );
  }
  if (corsOrigin === '*') warn('CORS_ORIGIN=* lets the pages of every site call; name the one that has to.');
  for (const weakness of describeWeakTls(environment)) warn(weakness);
}

async function listen(server: Server, { port, bindAddress }: HttpServingOptions): Promise<string> {
  server.listen(port, bindAddress);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new SatwayError('MCP_LISTEN_FAILED', { detail: `${bindAddress}, port ${port}.`, cause });
  }
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${bound}${PATH}`;
}

async function answer(
  guards: GuardOptions,
  endpoint: McpEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refuseCaller(guards, request);
  if (refused !== null) return writeRefusal(response, refused, {});
  const cors = corsHeaders(guards.corsOrigin, request);
  if (isPreflight(guards.corsOrigin, request)) {
    return void response.writeHead(204, { ...SECURITY_HEADERS, ...cors, ...PREFLIGHT_HEADERS }).end();
  }
  const refusal = refuseStranger(guards, request) ?? refuseShape(request);
  if (refusal !== null) return writeRefusal(response, refusal, cors);
  const read = await readJson(request, response);
  if (!read.ok) return writeRefusal(response, read.refusal, cors);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // Node's own type says `undefined` where theirs leaves the field out.
  const asked = await toWebRequest(request as NodeIncomingMessageLike, read.body, { signal: gone.signal });
  await writeResponse(response, await endpoint.handle(asked, read.body), cors);
}

function refuseShape({ url = '', method, headers }: IncomingMessage): Refusal | null {
  if (url.split('?')[0] !== PATH) return { status: 404, message: `The MCP endpoint is ${PATH}.` };
  if (!['GET', 'POST', 'DELETE'].includes(method ?? '')) {
    return { status: 405, message: 'GET, POST or DELETE.', headers: { Allow: 'GET, POST, DELETE' } };
  }
  if (method === 'POST' && !isJsonContentType(headers['content-type'])) {
    return { status: 415, message: 'The body must be application/json.' };
  }
  return null;
}

type ReadJson = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly refusal: Refusal };

async function readJson(request: IncomingMessage, response: ServerResponse): Promise<ReadJson> {
  if (request.method !== 'POST') return { ok: true, body: undefined };
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return { ok: false, refusal: { status: 413, message: 'The body is longer than 100 KB.' } };
  try {
    return { ok: true, body: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return { ok: false, refusal: { status: 400, message: 'The body is no JSON.' } };
  }
}

/** Whatever broke, nobody learns from it how. */
function fail(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  writeRefusal(response, { status: 500, message: 'Something broke.' }, {});
}
