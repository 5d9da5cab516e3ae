export type {
  GatewayConfig,
  ListenAddress,
  SpendingPower,
  StoreConfig,
  WalletConfig,
  WatchConfig,
} from './gateway-config.js';
export { initGatewayFiles, type StarterFiles } from './starter-files.js';
export { type LoadConfigOptions, loadGatewayConfig } from './load-gateway-config.js';
export { loadWalletFile, type WalletFileOptions } from './wallet-file.js';
export {
  type ConfigForm,
  findSecretPlaces,
  type InlineSecret,
  type NamedFile,
  type SecretPlaces,
} from './secret-places.js';
