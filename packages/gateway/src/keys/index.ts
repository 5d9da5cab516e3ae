export { addMasterKey, createKeyFile, listMasterKeys, loadKeyRing, type MasterKeyInfo } from './key-file.js';
export { type KeyWatcher, watchKeyFile } from './key-watcher.js';
