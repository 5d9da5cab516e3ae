export {
  type CompleteEndpoint,
  DEFAULT_CREDENTIAL_LIFE_MS,
  DEFAULT_LEASE_MS,
  type Endpoint,
  type Price,
} from './endpoint.js';
