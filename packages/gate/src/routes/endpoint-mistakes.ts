import {
  DEFAULT_CREDENTIAL_LIFE_MS,
  DEFAULT_LEASE_MS,
  type Endpoint,
  MAX_CREDENTIAL_LIFE_MS,
  MAX_LEASE_MS,
  MIN_CREDENTIAL_LIFE_MS,
  MIN_LEASE_MS,
  type Price,
} from './endpoint.js';
import { isSellableMethod, SELLABLE_METHODS } from './method.js';
import { parseRoutePattern, type RoutePattern } from './route-pattern.js';

const ID = /^[a-z0-9-]{1,64}$/;
const MAX_USES = 2 ** 32 - 1;

/** Everything that is wrong with a set of endpoints, one line each at the moment `nowMs` (unix ms); empty where nothing is. */
export function listEndpointMistakes(endpoints: readonly Endpoint[], nowMs: number): string[] {
  const takenIds = new Set<string>();
  const takenRoutes = new Map<string, string>();
  return endpoints.flatMap((endpoint) => {
    const mistakes = mistakesOfOne(endpoint, nowMs);
    if (takenIds.has(endpoint.id)) mistakes.push('its id is taken by another endpoint');
    takenIds.add(endpoint.id);
    const pattern = parseRoutePattern(endpoint.path);
    if (pattern.ok) mistakes.push(...clashOf(endpoint, pattern.value, takenRoutes));
    return mistakes.map((mistake) => `endpoint "${endpoint.id}": ${mistake}`);
  });
}

function mistakesOfOne(endpoint: Endpoint, nowMs: number): string[] {
  const mistakes: string[] = [];
  if (!ID.test(endpoint.id)) mistakes.push('id must be 1 to 64 of a-z, 0-9 and -');
  if (!isSellableMethod(endpoint.method)) mistakes.push(`method must be one of ${SELLABLE_METHODS.join(', ')}`);
  const pattern = parseRoutePattern(endpoint.path);
  if (!pattern.ok) mistakes.push(pattern.mistake);
  mistakes.push(...mistakesOfPrice(endpoint.price), ...mistakesOfTimes(endpoint, nowMs));
  return mistakes;
}

function mistakesOfPrice(price: Price): string[] {
  if (price.model === 'free') return [];
  const mistakes: string[] = [];
  if (!isPositiveInteger(price.priceMsat)) mistakes.push('priceMsat must be a positive whole number');
  if (!isPositiveInteger(price.uses) || price.uses > MAX_USES) mistakes.push(`uses must be 1 to ${MAX_USES}`);
  return mistakes;
}

function mistakesOfTimes(endpoint: Endpoint, nowMs: number): string[] {
  const {
    credentialLifeMs = DEFAULT_CREDENTIAL_LIFE_MS,
    leaseMs = DEFAULT_LEASE_MS,
    quotesValidAfterMs = 0,
  } = endpoint;
  const mistakes: string[] = [];
  if (!isWholeFrom(credentialLifeMs, MIN_CREDENTIAL_LIFE_MS, MAX_CREDENTIAL_LIFE_MS)) {
    mistakes.push(`credentialLifeMs must be a whole number of ${MIN_CREDENTIAL_LIFE_MS} to ${MAX_CREDENTIAL_LIFE_MS}`);
  }
  if (!isWholeFrom(leaseMs, MIN_LEASE_MS, MAX_LEASE_MS)) {
    mistakes.push(`leaseMs must be a whole number of ${MIN_LEASE_MS} to ${MAX_LEASE_MS}`);
  }
  if (!Number.isSafeInteger(quotesValidAfterMs) || quotesValidAfterMs < 0)
    mistakes.push('quotesValidAfterMs must be unix milliseconds');
  else if (quotesValidAfterMs > nowMs)
    mistakes.push('quotesValidAfterMs must not lie ahead: all that is sold until then would be void');
  return mistakes;
}

function clashOf(endpoint: Endpoint, pattern: RoutePattern, takenRoutes: Map<string, string>): string[] {
  const route = `${endpoint.method} ${pattern.routerPath}`;
  const holder = takenRoutes.get(route);
  takenRoutes.set(route, endpoint.id);
  return holder === undefined ? [] : [`its method and path are those of "${holder}"`];
}

function isWholeFrom(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
