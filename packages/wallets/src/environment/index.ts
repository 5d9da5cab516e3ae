export { type LndConnection, type LndEnvironment, lndFromEnvironment } from './lnd-from-environment.js';
