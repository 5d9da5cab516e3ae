export { DEFAULT_GATE_LIMITS, type GateLimits, type Limit, NO_GATE_LIMITS } from './limit.js';
