export { createKeySource, type KeySourceOptions } from './key-source.js';
export type { Keychain, KeychainUse } from './keychain.js';
export { establishVault, scrubOnce } from './open-vault.js';
export { type Warn, warnOfOpenFolder, warnOnce } from './private-files.js';
export { type CredentialIdentity, credentialPlace } from './seal-credentials.js';
export type { SecretPlace, Vault } from './vault.js';
