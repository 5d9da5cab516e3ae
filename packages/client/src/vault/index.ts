export { createKeySource, keyFileOf, type KeySourceOptions } from './key-source.js';
export type { Keychain, KeychainUse } from './keychain.js';
export { establishVault, scrubOnce } from './open-vault.js';
export { guardFolder, type Warn, warnOnce } from './private-files.js';
export type { SecretPlace, Vault } from './vault.js';
