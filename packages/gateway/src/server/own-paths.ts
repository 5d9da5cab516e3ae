import { isSatwayError } from '@satway/base';
import type { ClaimStore, Gate } from '@satway/gate';
import { type CanonicalPath, HOLDER_CAVEATS } from '@satway/protocol';
import { type CallRequest, type GatewayAnswer, problemAnswer } from '../data-plane/index.js';
import type { GatewayMetrics } from '../metrics/index.js';

/** What answers under the gateway's own paths. */
export interface OwnPathParts {
  readonly gate: Gate;
  readonly claimStore: ClaimStore;
  readonly metrics: GatewayMetrics;
  /** Whether `/metrics` may be shown to whoever sends this request. */
  readonly showsMetricsTo: (request: CallRequest) => boolean;
}

/** @param callerAddress - whose limits the request counts against. */
export type OwnPathAnswerer = (
  path: CanonicalPath,
  request: CallRequest,
  callerAddress: string,
) => Promise<GatewayAnswer> | null;

const FOR_CALLERS: ReadonlyMap<string, (gate: Gate, request: CallRequest) => Promise<GatewayAnswer>> = new Map([
  ['/.well-known/l402-gateway.json', describeGateway],
  ['/.well-known/l402/revoke', answerRevoke],
]);

/** A health check may come from anybody and as often as they like; the store is asked this often at most. */
const PING_EVERY_MS = 1_000;

/**
 * Answers `/healthz`, `/metrics`, `/.well-known/l402-gateway.json` and `POST /.well-known/l402/revoke`; `null` for every other path. They win over endpoints: the
 * configuration refuses an endpoint of that very path, and one with a parameter there never sees it. Those for callers count against the limits of their address. Those for operators do not:
 * they cost next to nothing, and must answer when somebody who shares the address floods the gateway.
 */
export function createOwnPathAnswerer(parts: OwnPathParts): OwnPathAnswerer {
  const health = createHealthCheck(parts.claimStore);
  const { gate } = parts;
  return function answerOwnPath(path, request, callerAddress) {
    if (path.match === '/healthz') return health();
    if (path.match === '/metrics') return answerMetrics(parts, request);
    const answerCaller = FOR_CALLERS.get(path.match);
    if (answerCaller === undefined) return null;
    const retryAfterMs = gate.admit(callerAddress, path.match);
    return retryAfterMs > 0 ? tooMany(retryAfterMs) : answerCaller(gate, request);
  };
}

async function tooMany(retryAfterMs: number): Promise<GatewayAnswer> {
  return problemAnswer('TOO_MANY_REQUESTS', null, ['Retry-After', String(Math.ceil(retryAfterMs / 1_000))]);
}

function answerMetrics(parts: OwnPathParts, request: CallRequest): Promise<GatewayAnswer> {
  // To others the path looks like any that is not offered.
  if (!parts.showsMetricsTo(request)) return Promise.resolve(problemAnswer('ENDPOINT_NOT_FOUND'));
  return exposeMetrics(parts.metrics);
}

async function exposeMetrics({ registry }: GatewayMetrics): Promise<GatewayAnswer> {
  const body = await registry.metrics();
  return { status: 200, headers: ['Content-Type', registry.contentType, 'Cache-Control', 'no-store'], body };
}

function createHealthCheck(claimStore: ClaimStore): () => Promise<GatewayAnswer> {
  let pingedAtMs = Number.NEGATIVE_INFINITY;
  let answer: Promise<GatewayAnswer> | null = null;
  return function checkHealth() {
    const nowMs = performance.now();
    if (answer !== null && nowMs - pingedAtMs < PING_EVERY_MS) return answer;
    pingedAtMs = nowMs;
    answer = claimStore.ping().then(
      () => healthAnswer(200, { status: 'ok' }),
      () => healthAnswer(503, { status: 'degraded', store: 'unavailable' }),
    );
    return answer;
  };
}

function healthAnswer(status: number, body: Readonly<Record<string, string>>): GatewayAnswer {
  return {
    status,
    headers: ['Content-Type', 'application/json', 'Cache-Control', 'no-store'],
    body: JSON.stringify(body),
  };
}

/** What whoever buys here may rely on: the caveats that are enforced, without which nobody would hand a narrowed credential on. */
async function describeGateway(_gate: Gate, { method }: CallRequest): Promise<GatewayAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return problemAnswer('METHOD_NOT_OFFERED', null, ['Allow', 'GET, HEAD']);
  return {
    status: 200,
    headers: ['Content-Type', 'application/json', 'Cache-Control', 'max-age=60'],
    body: JSON.stringify({ version: 1, caveats: HOLDER_CAVEATS }),
  };
}

async function answerRevoke(gate: Gate, request: CallRequest): Promise<GatewayAnswer> {
  if (request.method !== 'POST') return problemAnswer('METHOD_NOT_OFFERED', null, ['Allow', 'POST']);
  try {
    const revoked = await gate.revoke(request.rawHeaders);
    if (revoked.ok) return { status: 204, headers: ['Cache-Control', 'no-store'], body: '' };
    return problemAnswer(revoked.code === 'TOO_MANY_REVOCATIONS' ? revoked.code : 'NOTHING_TO_REVOKE');
  } catch (cause) {
    if (isSatwayError(cause, 'STORE_UNAVAILABLE')) return problemAnswer(cause.code);
    throw cause;
  }
}
