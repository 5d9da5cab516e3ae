export { addMasterKey, createKeyFile, listMasterKeys, type MasterKeyInfo } from './key-file.js';
export { type KeyWatcher, watchKeyFile } from './key-watcher.js';
