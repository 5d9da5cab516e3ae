export type { Environment, EnvironmentWarning } from './environment-reader.js';
export { type FilledText, fillPlaceholders } from './fill-placeholders.js';
export { fingerprintIn, pemIn } from '../rest/index.js';
export { macaroonHexOf } from '../lnd-macaroon/index.js';
export { SECRET_VARIABLES, WALLET_VARIABLES, type WalletVariable } from './variables.js';
export { type EnvironmentWallet, walletFromEnv, type WalletFromEnvOptions } from './wallet-from-env.js';
