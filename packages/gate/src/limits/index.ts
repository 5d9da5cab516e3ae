export { addressScope } from './address-scope.js';
export { completeLimits, DEFAULT_GATE_LIMITS, type GateLimits, type Limit, NO_GATE_LIMITS } from './limit.js';
export { createRateLimiter, type RateLimiter } from './rate-limiter.js';
