import { DEFAULT_CREDENTIAL_LIFE_MS, DEFAULT_LEASE_MS, type Endpoint, type Price } from './endpoint.js';
import { isSellableMethod, SELLABLE_METHODS } from './method.js';
import { parseRoutePattern, type RoutePattern } from './route-pattern.js';

const ID = /^[a-z0-9-]{1,64}$/;
const MAX_USES = 2 ** 32 - 1;
/** An invoice lives a third of its credential and at least a second. */
const MIN_CREDENTIAL_LIFE_MS = 3_000;
const MIN_LEASE_MS = 100;

/** Everything that is wrong with a set of endpoints, one line each; empty where nothing is. */
export function listEndpointMistakes(endpoints: readonly Endpoint[]): string[] {
  const takenIds = new Set<string>();
  const takenRoutes = new Map<string, string>();
  return endpoints.flatMap((endpoint) => {
    const mistakes = mistakesOfOne(endpoint);
    if (takenIds.has(endpoint.id)) mistakes.push('its id is taken by another endpoint');
    takenIds.add(endpoint.id);
    const pattern = parseRoutePattern(endpoint.path);
    if (pattern.ok) mistakes.push(...clashOf(endpoint, pattern.value, takenRoutes));
    return mistakes.map((mistake) => `endpoint "${endpoint.id}": ${mistake}`);
  });
}

function mistakesOfOne(endpoint: Endpoint): string[] {
  const mistakes: string[] = [];
  if (!ID.test(endpoint.id)) mistakes.push('id must be 1 to 64 of a-z, 0-9 and -');
  if (!isSellableMethod(endpoint.method)) mistakes.push(`method must be one of ${SELLABLE_METHODS.join(', ')}`);
  const pattern = parseRoutePattern(endpoint.path);
  if (!pattern.ok) mistakes.push(pattern.mistake);
  mistakes.push(...mistakesOfPrice(endpoint.price), ...mistakesOfTimes(endpoint));
  return mistakes;
}

function mistakesOfPrice(price: Price): string[] {
  if (price.model === 'free') return [];
  const mistakes: string[] = [];
  if (!isPositiveInteger(price.priceMsat)) mistakes.push('priceMsat must be a positive whole number');
  if (!isPositiveInteger(price.uses) || price.uses > MAX_USES) mistakes.push(`uses must be 1 to ${MAX_USES}`);
  return mistakes;
}

function mistakesOfTimes(endpoint: Endpoint): string[] {
  const {
    credentialLifeMs = DEFAULT_CREDENTIAL_LIFE_MS,
    leaseMs = DEFAULT_LEASE_MS,
    quotesValidAfterMs = 0,
  } = endpoint;
  const mistakes: string[] = [];
  if (!Number.isSafeInteger(credentialLifeMs) || credentialLifeMs < MIN_CREDENTIAL_LIFE_MS) {
    mistakes.push(`credentialLifeMs must be a whole number of at least ${MIN_CREDENTIAL_LIFE_MS}`);
  }
  if (!Number.isSafeInteger(leaseMs) || leaseMs < MIN_LEASE_MS) {
    mistakes.push(`leaseMs must be a whole number of at least ${MIN_LEASE_MS}`);
  }
  if (!Number.isSafeInteger(quotesValidAfterMs) || quotesValidAfterMs < 0)
    mistakes.push('quotesValidAfterMs must be unix milliseconds');
  return mistakes;
}

function clashOf(endpoint: Endpoint, pattern: RoutePattern, takenRoutes: Map<string, string>): string[] {
  const route = `${endpoint.method} ${pattern.routerPath}`;
  const holder = takenRoutes.get(route);
  takenRoutes.set(route, endpoint.id);
  return holder === undefined ? [] : [`its method and path are those of "${holder}"`];
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
