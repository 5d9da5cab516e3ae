export { createFailoverIssuer } from './failover-issuer.js';
export type { FailoverOptions, WalletSwitch } from './failover-options.js';
