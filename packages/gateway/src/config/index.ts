export type { GatewayConfig, ListenAddress, StoreConfig, WalletConfig } from './gateway-config.js';
export { initGatewayFiles, type StarterFiles } from './starter-files.js';
export { loadGatewayConfig } from './load-gateway-config.js';
