export {
  type CompleteEndpoint,
  DEFAULT_CREDENTIAL_LIFE_MS,
  DEFAULT_LEASE_MS,
  type Endpoint,
  MAX_CREDENTIAL_LIFE_MS,
  MAX_LEASE_MS,
  MIN_CREDENTIAL_LIFE_MS,
  MIN_LEASE_MS,
  type Price,
} from './endpoint.js';
export { isSellableMethod, SELLABLE_METHODS } from './method.js';
export { parseRoutePattern, type RoutePattern, type RoutePatternResult } from './route-pattern.js';
export { buildRouteTable, type RouteMatch, type RouteTable } from './route-table.js';
