export {
  addressPolicyFromEnvironment,
  type AddressPolicyOptions,
  type EgressEnvironment,
  type Reach,
} from './address-policy/index.js';
export { isStaleConnection } from './connector/index.js';
export type { Dispatcher } from 'undici';
export { createEgress, type Egress, type EgressOptions, type PoolOptions } from './egress.js';
export type { ExchangeRequest, ExchangeResponse } from './exchange/index.js';
export type { EgressSocket, SocketEvents, SocketRequest } from './socket/index.js';
