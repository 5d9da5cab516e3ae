export {
  type ConfigForm,
  findSecretPlaces,
  type GatewayConfig,
  initGatewayFiles,
  type InlineSecret,
  type ListenAddress,
  type LoadConfigOptions,
  loadGatewayConfig,
  loadWalletFile,
  type NamedFile,
  type SecretPlaces,
  type SpendingPower,
  type StarterFiles,
  type StoreConfig,
  type WalletConfig,
  type WalletFileOptions,
} from './config/index.js';
export { addMasterKey, createKeyFile, listMasterKeys, type MasterKeyInfo } from './keys/index.js';
export { createLogger, type Logger, type LogLevel } from './logs/index.js';
export { checkWalletPowers, type GatewayOptions, type RunningGateway, startGateway } from './server/index.js';
