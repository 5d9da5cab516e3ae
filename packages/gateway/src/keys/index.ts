export { addMasterKey, createKeyFile, listMasterKeys, loadKeys, type MasterKeyInfo } from './key-file.js';
export { type KeyWatcher, watchKeyFile } from './key-watcher.js';
