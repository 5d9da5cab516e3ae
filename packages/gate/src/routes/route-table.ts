import { SatwayError } from '@satway/base';
import type { CanonicalPath } from '@satway/protocol';
import createRouter from 'find-my-way';
import { type CompleteEndpoint, DEFAULT_CREDENTIAL_LIFE_MS, DEFAULT_LEASE_MS, type Endpoint } from './endpoint.js';
import { listEndpointMistakes } from './endpoint-mistakes.js';
import { isSellableMethod } from './method.js';
import { parseRoutePattern } from './route-pattern.js';

export type RouteMatch =
  | { readonly outcome: 'found'; readonly endpoint: CompleteEndpoint }
  /** The path is known, the method is not: what `Allow` lists. */
  | { readonly outcome: 'wrong_method'; readonly allow: readonly string[] }
  | { readonly outcome: 'not_found' };

/** All endpoints and prices of one moment. Immutable; look-up cost does not grow with their number. */
export interface RouteTable {
  readonly endpoints: readonly CompleteEndpoint[];
  match(method: string, path: CanonicalPath): RouteMatch;
}

type Router = ReturnType<typeof createRouter>;
/** Longer segments than a URL can carry: a limit of ours here would turn a long city name into a 404. */
const MAX_SEGMENT_LENGTH = 65_536;
const NOT_FOUND: RouteMatch = { outcome: 'not_found' };

/**
 * Builds the look-up for a set of endpoints. Deny by default: what no endpoint names is not found.
 *
 * @param nowMs - unix ms of the engine's clock: what is not for sale yet is a mistake.
 * @throws {SatwayError} `ENDPOINTS_INVALID`, with every mistake in the detail.
 */
export function buildRouteTable(endpoints: readonly Endpoint[], nowMs: number): RouteTable {
  const mistakes = listEndpointMistakes(endpoints, nowMs);
  if (mistakes.length > 0) throw new SatwayError('ENDPOINTS_INVALID', { detail: mistakes.join('; ') });
  const complete = endpoints.map(completeEndpoint);
  // The canonical path is lower-cased already (ASCII only): the router must not fold further, U+212A would match `k`.
  const router = createRouter({ caseSensitive: true, maxParamLength: MAX_SEGMENT_LENGTH });
  for (const endpoint of complete) addRoute(router, endpoint);
  const methods = [...new Set(complete.map((endpoint) => endpoint.method))];
  return {
    endpoints: Object.freeze(complete),
    match: (method, path) => matchRoute(router, methods, method, path.match),
  };
}

function completeEndpoint(endpoint: Endpoint): CompleteEndpoint {
  return Object.freeze({
    ...endpoint,
    price: Object.freeze({ ...endpoint.price }),
    credentialLifeMs: endpoint.credentialLifeMs ?? DEFAULT_CREDENTIAL_LIFE_MS,
    leaseMs: endpoint.leaseMs ?? DEFAULT_LEASE_MS,
  });
}

function addRoute(router: Router, endpoint: CompleteEndpoint): void {
  const pattern = parseRoutePattern(endpoint.path);
  if (!pattern.ok || !isSellableMethod(endpoint.method)) throw new SatwayError('ENDPOINTS_INVALID');
  const found: RouteMatch = Object.freeze({ outcome: 'found', endpoint });
  router.on(endpoint.method, pattern.value.routerPath, () => undefined, found);
}

function matchRoute(router: Router, methods: readonly string[], method: string, path: string): RouteMatch {
  // The router would cut the path there and match what stands before; nothing but a path may come this far.
  if (path.includes('?') || path.includes('#')) return NOT_FOUND;
  return findRoute(router, method, path) ?? missedRoute(router, methods, path);
}

function findRoute(router: Router, method: string, path: string): RouteMatch | null {
  if (!isSellableMethod(method)) return null;
  const store: RouteMatch | undefined = router.find(method, path)?.store;
  if (store !== undefined) return store;
  return method === 'HEAD' ? findRoute(router, 'GET', path) : null;
}

function missedRoute(router: Router, methods: readonly string[], path: string): RouteMatch {
  const allow = methods.filter((method) => findRoute(router, method, path) !== null);
  if (allow.length === 0) return NOT_FOUND;
  if (allow.includes('GET') && !allow.includes('HEAD')) allow.push('HEAD');
  return { outcome: 'wrong_method', allow };
}
