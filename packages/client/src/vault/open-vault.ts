import { randomUUID } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { Database } from '../store/database.js';
import { integer, text } from '../store/row.js';
import type { KeyPlace, KeyRecord, KeySource } from './key-source.js';
import { sealCredentials } from './seal-credentials.js';
import { createVault, keyIdHex, type SecretPlace, type Vault } from './vault.js';

/** What the key check says once it is opened. */
const KEY_CHECK = 'this is the right key';

/** A store before its first table, one from before there were vaults, and one from after that. */
export type StoreAge = 'new' | 'earlier' | 'later';

interface VaultRecord extends KeyRecord {
  readonly keyCheck: string;
}

/**
 * Gives a store a vault, inside the transaction that brings its tables up to date: a store that has one must open with its key, one that is older gets a key,
 * and everything secret in it is sealed. When anything is refused, nothing of it has happened.
 *
 * @param age - whether the store is new, from before there were vaults, or later: one that has lost its record then is damaged, and gets no new key.
 * @throws {SatwayError} `VAULT_DAMAGED`, and as `KeySource.find`.
 */
export function establishVault(database: Database, keys: KeySource, age: StoreAge): Vault {
  const record = readRecord(database);
  if (record !== null) return unlock(record, keys);
  if (age === 'later') throw new SatwayError('VAULT_DAMAGED', { detail: 'The record of its key is gone.' });
  return create(database, keys, age);
}

function unlock(record: VaultRecord, keys: KeySource): Vault {
  const vault = createVault(keys.find(record), record.vaultId);
  if (vault.open(checkPlace(record), record.keyCheck) === KEY_CHECK) return vault;
  throw new SatwayError('VAULT_DAMAGED', { detail: 'The record of its key is another one.' });
}

function create(database: Database, keys: KeySource, age: StoreAge): Vault {
  const vaultId = randomUUID();
  const { key, keyPlace } = keys.create(vaultId);
  const vault = createVault(key, vaultId);
  const record = { vaultId, keyIdHex: keyIdHex(key), keyPlace };
  database.run(
    'INSERT INTO vault (id, vault_id, key_id_hex, key_place, key_check, scrubbed) VALUES (1, ?, ?, ?, ?, ?)',
    vaultId,
    record.keyIdHex,
    keyPlace,
    vault.seal(checkPlace(record), KEY_CHECK),
    // In a new file there is nothing to be rewritten.
    age === 'new' ? 1 : 0,
  );
  sealCredentials(database, vault);
  return vault;
}

/** Binds what the record says of its key, so that nobody changes a word of it. */
function checkPlace({ vaultId, keyIdHex: keyId, keyPlace }: KeyRecord): SecretPlace {
  return { table: 'vault', column: 'key_check', row: [vaultId, keyId, keyPlace] };
}

function readRecord(database: Database): VaultRecord | null {
  const row = database.get('SELECT vault_id, key_id_hex, key_place, key_check FROM vault WHERE id = 1');
  if (row === undefined) return null;
  return {
    vaultId: text(row, 'vault_id'),
    keyIdHex: text(row, 'key_id_hex'),
    keyPlace: text(row, 'key_place') as KeyPlace,
    keyCheck: text(row, 'key_check'),
  };
}

/**
 * Rewrites the file once after what was in it was sealed, so that nothing of it is left in free pages or in the log. Where another process has the store
 * open at this moment, the next opening does it.
 */
export function scrubOnce(database: Database): void {
  const row = database.get('SELECT scrubbed FROM vault WHERE id = 1');
  if (row === undefined || integer(row, 'scrubbed') === 1) return;
  if (!database.rewrite()) return;
  database.run('UPDATE vault SET scrubbed = 1 WHERE id = 1');
}
