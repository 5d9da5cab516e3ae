import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SatwayError } from '@satway/base';
import { createKeyFile, readKeyFile } from './key-file.js';
import { type Keychain, type KeychainUse, systemKeychain } from './keychain.js';
import { type Warn, warnOnce } from './private-files.js';
import { keyIdHex } from './vault.js';

/** Where the key of a vault lies. */
export type KeyPlace = 'keychain' | 'file' | 'given';

/** How to come by the key of a vault. */
export interface KeySourceOptions {
  /** 32 bytes that the caller keeps; then neither file nor keychain is looked at. */
  readonly vaultKey?: Uint8Array;
  /** Default: `SATWAY_KEYCHAIN`, else `auto`. */
  readonly keychain?: KeychainUse | undefined;
  /** Default: the one of the operating system. */
  readonly systemKeychain?: Keychain;
  /** Default: `process.emitWarning`, each sentence once. */
  readonly warn?: Warn;
}

/** What a store says of its key. */
export interface KeyRecord {
  readonly vaultId: string;
  readonly keyIdHex: string;
  readonly keyPlace: KeyPlace;
}

/** Finds and makes keys of one store. */
export interface KeySource {
  /**
   * The key that a store was sealed with; nothing is made.
   *
   * @throws {SatwayError} `VAULT_KEY_MISSING`, `VAULT_KEY_WRONG`, `VAULT_KEY_UNSAFE`, `VAULT_KEY_DAMAGED`, `VAULT_KEYCHAIN_UNAVAILABLE`.
   */
  find(record: KeyRecord): KeyObject;
  /** A key for a store that has none yet, on the disk or in the keychain when it returns. */
  create(vaultId: string): { readonly key: KeyObject; readonly keyPlace: KeyPlace };
}

/** The file beside a store that holds its key where no keychain does. */
export const keyFileOf = (storePath: string): string => `${storePath}.key`;

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID` for a key that is not 32 bytes, or another word for `SATWAY_KEYCHAIN`. */
export function createKeySource(storePath: string, options: KeySourceOptions = {}): KeySource {
  const parts: Parts = {
    file: keyFileOf(storePath),
    use: options.keychain ?? keychainUse(process.env['SATWAY_KEYCHAIN']),
    keychain: options.systemKeychain ?? systemKeychain,
    warn: options.warn ?? warnOnce,
  };
  const { vaultKey } = options;
  if (vaultKey === undefined) return { find: (record) => find(parts, record), create: (id) => create(parts, id) };
  const given = givenKey(vaultKey);
  return {
    find: (record) => checked(given, record) ?? refuse('VAULT_KEY_WRONG', 'It is the key that was given.'),
    create: () => ({ key: given, keyPlace: 'given' }),
  };
}

interface Parts {
  readonly file: string;
  readonly use: KeychainUse;
  readonly keychain: Keychain;
  readonly warn: Warn;
}

function givenKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== 32) throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: 'vaultKey: 32 bytes.' });
  return createSecretKey(bytes);
}

function keychainUse(word: string | undefined): KeychainUse {
  const use = (word ?? '').trim().toLowerCase();
  if (use === '') return 'auto';
  if (use === 'off' || use === 'on' || use === 'auto') return use;
  throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: 'SATWAY_KEYCHAIN: off, on or auto.' });
}

/** A file goes before the keychain: whoever put it there wants to do without. */
function find(parts: Parts, record: KeyRecord): KeyObject {
  const inFile = readKeyFile(parts.file, parts.warn);
  const fromFile = inFile === null ? null : checked(keyOf(inFile), record);
  if (fromFile !== null) return fromFile;
  if (record.keyPlace === 'keychain' && parts.use !== 'off') return findInKeychain(parts, record);
  if (inFile !== null) refuse('VAULT_KEY_WRONG', `It is ${parts.file}.`);
  return refuse('VAULT_KEY_MISSING', whereItLies(parts, record));
}

function findInKeychain({ file, keychain }: Parts, record: KeyRecord): KeyObject {
  let text: string | null;
  try {
    text = keychain.read(accountOf(record.vaultId));
  } catch (cause) {
    throw new SatwayError('VAULT_KEYCHAIN_UNAVAILABLE', { detail: `A file may hold the key instead: ${file}.`, cause });
  }
  if (text === null) return refuse('VAULT_KEY_MISSING', `The keychain has no ${accountOf(record.vaultId)}.`);
  if (!/^[0-9a-f]{64}$/.test(text)) return refuse('VAULT_KEY_DAMAGED', 'It is the one in the keychain.');
  return checked(keyOf(text), record) ?? refuse('VAULT_KEY_WRONG', 'It is the one in the keychain.');
}

function whereItLies({ file }: Parts, { vaultId, keyPlace }: KeyRecord): string {
  if (keyPlace === 'file') return `It lay in ${file}.`;
  if (keyPlace === 'given') return 'The program that made the store gave it as vaultKey.';
  return `It lies in the keychain as ${accountOf(vaultId)}, and SATWAY_KEYCHAIN=off says not to look there.`;
}

function create(parts: Parts, vaultId: string): ReturnType<KeySource['create']> {
  const inFile = readKeyFile(parts.file, parts.warn);
  if (inFile !== null) return { key: keyOf(inFile), keyPlace: 'file' };
  const inKeychain = parts.use === 'off' ? null : createInKeychain(parts, vaultId);
  if (inKeychain !== null) return { key: inKeychain, keyPlace: 'keychain' };
  const key = keyOf(createKeyFile(parts.file, parts.warn));
  if (parts.use === 'auto') {
    parts.warn(
      `No keychain can be used here, so the key of the purchase store lies in a file: ${parts.file}. Whoever reads that file and the store can use what was paid for. SATWAY_KEYCHAIN=off takes this for granted.`,
    );
  }
  return { key, keyPlace: 'file' };
}

/** Read back, since a keychain that forgets would lose everything that is sealed. */
function createInKeychain({ use, keychain }: Parts, vaultId: string): KeyObject | null {
  const text = randomBytes(32).toString('hex');
  try {
    keychain.write(accountOf(vaultId), text);
    if (keychain.read(accountOf(vaultId)) === text) return keyOf(text);
    if (use === 'auto') return null;
  } catch (cause) {
    if (use === 'auto') return null;
    throw new SatwayError('VAULT_KEYCHAIN_UNAVAILABLE', { cause });
  }
  return refuse('VAULT_KEYCHAIN_UNAVAILABLE', 'It does not give back what it was given.');
}

function accountOf(vaultId: string): string {
  return `vault ${vaultId}`;
}

/** Wrapped once: from here on no log and no inspection shows it. */
function keyOf(hex: string): KeyObject {
  return createSecretKey(Buffer.from(hex, 'hex'));
}

function checked(key: KeyObject, record: KeyRecord): KeyObject | null {
  return keyIdHex(key) === record.keyIdHex ? key : null;
}

function refuse(
  code: 'VAULT_KEY_MISSING' | 'VAULT_KEY_WRONG' | 'VAULT_KEY_DAMAGED' | 'VAULT_KEYCHAIN_UNAVAILABLE',
  detail: string,
): never {
  throw new SatwayError(code, { detail });
}
