import { dirname } from 'node:path';
import {
  createKeySource,
  establishVault,
  guardFolder,
  type KeySourceOptions,
  scrubOnce,
  type Vault,
  warnOnce,
} from '../vault/index.js';
import { type Database, openDatabase } from './database.js';
import { isSatwayHome } from './satway-home.js';
import { VAULT_SINCE } from './schema.js';

/** How to open a store's file and its vault. */
export interface VaultOpeningOptions extends KeySourceOptions {
  readonly path: string;
  /**
   * When the key is looked for. `when-needed` is for whoever reads or stops, and touches no secret: it works where the key cannot be had, such as in another
   * session than the one whose keychain holds it. A new store and one from before there were vaults need it in any case. Default `now`.
   */
  readonly unlock?: 'now' | 'when-needed';
}

/** @throws {SatwayError} as `openPurchaseStore`. */
export function openWithVault(options: VaultOpeningOptions): { database: Database; vault: Vault } {
  const { path, unlock = 'now', warn = warnOnce } = options;
  const keys = createKeySource(path, options);
  let opened: Vault | null = null;
  const unlocked = (current: Database): Vault => (opened ??= establishVault(current, keys, 'later'));
  const database = openDatabase(path, {
    warn,
    onUpgrade(upgraded, fromVersion) {
      if (fromVersion < VAULT_SINCE) opened = establishVault(upgraded, keys, fromVersion === 0 ? 'new' : 'earlier');
      else if (unlock === 'now') unlocked(upgraded);
    },
    onOpen(current) {
      if (unlock === 'now') unlocked(current);
      scrubOnce(current);
    },
  });
  guardFolder(dirname(path), isSatwayHome(dirname(path)), warn);
  return { database, vault: whenNeeded(() => unlocked(database)) };
}

function whenNeeded(vault: () => Vault): Vault {
  return {
    seal: (place, secret) => vault().seal(place, secret),
    open: (place, sealed) => vault().open(place, sealed),
  };
}
