import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createKeyFile } from '../../src/vault/key-file.js';
import { createKeySource, type KeyRecord } from '../../src/vault/key-source.js';
import type { Keychain } from '../../src/vault/keychain.js';
import { keyIdHex } from '../../src/vault/vault.js';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'satway-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  return {
    folder,
    store: join(folder, 'purchases.db'),
    file: join(folder, 'purchases.db.key'),
    warnings,
    warn: (text: string) => void warnings.push(text),
  };
}

/** A keychain that works, kept in memory. */
function keychainOf(entries = new Map<string, string>()): Keychain & { readonly entries: Map<string, string> } {
  return {
    entries,
    read: (account) => entries.get(account) ?? null,
    write: (account, secret) => void entries.set(account, secret),
  };
}

/** What the library does on a machine without a session. */
const noKeychain: Keychain = {
  read: () => fail(),
  write: () => fail(),
};
function fail(): never {
  throw Object.assign(new Error('Platform secure storage failure'), { code: 'GenericFailure' });
}

const coded = (code: string, detail = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(detail) });
const vaultId = '4f6e';

function made(parts: ReturnType<typeof place>, options = {}): { record: KeyRecord; idHex: string } {
  const { key, keyPlace } = createKeySource(parts.store, { keychain: 'off', warn: parts.warn, ...options }).create(
    vaultId,
  );
  return { record: { vaultId, keyIdHex: keyIdHex(key), keyPlace }, idHex: keyIdHex(key) };
}

describe('the key in a file', () => {
  it('is made with mode 0600, 32 random bytes, nothing beside it, and found again', () => {
    const parts = place();
    const { record } = made(parts);
    expect(record.keyPlace).toBe('file');
    expect(readFileSync(parts.file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(parts.file).mode & 0o777).toBe(0o600);
    expect(readdirSync(parts.folder)).toEqual(['purchases.db.key']);
    expect(keyIdHex(createKeySource(parts.store, { keychain: 'off' }).find(record))).toBe(record.keyIdHex);
    expect(made(place()).idHex).not.toBe(record.keyIdHex);
    expect(parts.warnings).toEqual([]);
  });

  it('is taken as it is where one lies there already, and never written over', () => {
    const parts = place();
    writeFileSync(parts.file, '5a'.repeat(32), { mode: 0o600 });
    const { record } = made(parts);
    expect(readFileSync(parts.file, 'utf8')).toBe('5a'.repeat(32));
    expect(keyIdHex(createKeySource(parts.store, { vaultKey: Buffer.alloc(32, 0x5a) }).find(record))).toBe(
      record.keyIdHex,
    );
  });

  it('is never written over by one that is made at the same time: the other one wins', () => {
    const parts = place();
    writeFileSync(parts.file, '5a'.repeat(32), { mode: 0o600 });
    expect(createKeyFile(parts.file, parts.warn)).toBe('5a'.repeat(32));
    expect(readFileSync(parts.file, 'utf8')).toBe('5a'.repeat(32));
    expect(readdirSync(parts.folder)).toEqual(['purchases.db.key']);
  });

  it('is missing: refused, with the place where it lay, and no other is made', () => {
    const parts = place();
    const { record } = made(parts);
    rmSync(parts.file);
    expect(() => createKeySource(parts.store, { keychain: 'auto', systemKeychain: keychainOf() }).find(record)).toThrow(
      coded('VAULT_KEY_MISSING', parts.file),
    );
    expect(existsSync(parts.file)).toBe(false);
  });

  it('is another one: refused and left as it is', () => {
    const parts = place();
    const { record } = made(parts);
    writeFileSync(parts.file, '00'.repeat(32));
    expect(() => createKeySource(parts.store, { keychain: 'off' }).find(record)).toThrow(coded('VAULT_KEY_WRONG'));
    expect(readFileSync(parts.file, 'utf8')).toBe('00'.repeat(32));
  });

  it.each(['', 'ab', `${'ab'.repeat(32)}00`, 'zz'.repeat(32), 'AB'.repeat(32), `${'ab'.repeat(32)}\n\n`])(
    'is damaged (%j): refused, and left as it is',
    (text) => {
      const parts = place();
      writeFileSync(parts.file, text, { mode: 0o600 });
      expect(() => made(parts)).toThrow(coded('VAULT_KEY_DAMAGED', parts.file));
      expect(readFileSync(parts.file, 'utf8')).toBe(text);
    },
  );

  it('is narrowed to its owner where others could read it, and that is said without the key', () => {
    const parts = place();
    const { record } = made(parts);
    chmodSync(parts.file, 0o644);
    createKeySource(parts.store, { keychain: 'off', warn: parts.warn }).find(record);
    expect(statSync(parts.file).mode & 0o777).toBe(0o600);
    expect(parts.warnings).toEqual([expect.stringContaining('could be read by others')]);
    expect(parts.warnings[0]).not.toContain(readFileSync(parts.file, 'utf8').trim());
  });

  it('is refused as a link, also one that leads to a key', () => {
    const parts = place();
    const elsewhere = join(parts.folder, 'elsewhere');
    writeFileSync(elsewhere, '5a'.repeat(32), { mode: 0o600 });
    symlinkSync(elsewhere, parts.file);
    expect(() => made(parts)).toThrow(coded('VAULT_KEY_UNSAFE', parts.file));
  });

  it('is refused as the file of another user', () => {
    const parts = place();
    writeFileSync(parts.file, '5a'.repeat(32), { mode: 0o600 });
    const us = vi.spyOn(process, 'getuid').mockReturnValue(statSync(parts.file).uid + 1);
    onTestFinished(() => us.mockRestore());
    expect(() => made(parts)).toThrow(coded('VAULT_KEY_UNSAFE', parts.file));
  });
});

describe('the key in the keychain', () => {
  it('goes there where there is one, and nothing of it into a file', () => {
    const parts = place();
    const keychain = keychainOf();
    const { record } = made(parts, { keychain: 'auto', systemKeychain: keychain });
    expect(record.keyPlace).toBe('keychain');
    expect(readdirSync(parts.folder)).toEqual([]);
    expect([...keychain.entries.keys()]).toEqual([`vault ${vaultId}`]);
    const found = createKeySource(parts.store, { keychain: 'on', systemKeychain: keychain }).find(record);
    expect(keyIdHex(found)).toBe(record.keyIdHex);
    expect(parts.warnings).toEqual([]);
  });

  it('falls back to a file with a warning where there is none, or one that forgets', () => {
    for (const systemKeychain of [noKeychain, { ...keychainOf(), read: () => null }]) {
      const parts = place();
      const { record } = made(parts, { keychain: 'auto', systemKeychain });
      expect(record.keyPlace).toBe('file');
      expect(parts.warnings).toEqual([expect.stringContaining(parts.file)]);
      createKeySource(parts.store, { keychain: 'auto', systemKeychain, warn: parts.warn }).find(record);
      expect(parts.warnings).toHaveLength(1);
    }
  });

  it('is refused without one where it is asked for, and no file is made', () => {
    for (const systemKeychain of [noKeychain, { ...keychainOf(), read: () => null }]) {
      const parts = place();
      expect(() => made(parts, { keychain: 'on', systemKeychain })).toThrow(coded('VAULT_KEYCHAIN_UNAVAILABLE'));
      expect(readdirSync(parts.folder)).toEqual([]);
    }
  });

  it('is not asked with "off", and that is why it is missing then', () => {
    const parts = place();
    const { record } = made(parts, { keychain: 'auto', systemKeychain: keychainOf() });
    const off = createKeySource(parts.store, { keychain: 'off', systemKeychain: noKeychain });
    expect(() => off.find(record)).toThrow(coded('VAULT_KEY_MISSING', 'SATWAY_KEYCHAIN=off'));
  });

  it.each<[string, Keychain, string]>([
    ['cannot be asked', noKeychain, 'VAULT_KEYCHAIN_UNAVAILABLE'],
    ['has lost it', keychainOf(), 'VAULT_KEY_MISSING'],
    ['has another', keychainOf(new Map([[`vault ${vaultId}`, '00'.repeat(32)]])), 'VAULT_KEY_WRONG'],
    ['has something else', keychainOf(new Map([[`vault ${vaultId}`, 'hunter2']])), 'VAULT_KEY_DAMAGED'],
  ])('is refused where the keychain %s, and nothing new is made', (_, systemKeychain, code) => {
    const parts = place();
    const { record } = made(parts, { keychain: 'auto', systemKeychain: keychainOf() });
    expect(() => createKeySource(parts.store, { keychain: 'auto', systemKeychain }).find(record)).toThrow(coded(code));
    expect(readdirSync(parts.folder)).toEqual([]);
  });

  it('is not made there where a file with one lies beside the store already', () => {
    const parts = place();
    const keychain = keychainOf();
    writeFileSync(parts.file, '5a'.repeat(32), { mode: 0o600 });
    expect(made(parts, { keychain: 'auto', systemKeychain: keychain }).record.keyPlace).toBe('file');
    expect(keychain.entries.size).toBe(0);
  });

  it('may be put into a file instead', () => {
    const parts = place();
    const keychain = keychainOf();
    const { record } = made(parts, { keychain: 'auto', systemKeychain: keychain });
    writeFileSync(parts.file, keychain.entries.get(`vault ${vaultId}`) ?? '', { mode: 0o600 });
    expect(keyIdHex(createKeySource(parts.store, { keychain: 'off' }).find(record))).toBe(record.keyIdHex);
  });
});

describe('the key of the caller', () => {
  it('leaves file and keychain alone', () => {
    const parts = place();
    const { record } = made(parts, { vaultKey: Buffer.alloc(32, 1), systemKeychain: noKeychain });
    expect(record.keyPlace).toBe('given');
    expect(readdirSync(parts.folder)).toEqual([]);
    expect(() => createKeySource(parts.store, { vaultKey: Buffer.alloc(32, 2) }).find(record)).toThrow(
      coded('VAULT_KEY_WRONG'),
    );
    expect(() => createKeySource(parts.store, { keychain: 'off' }).find(record)).toThrow(
      coded('VAULT_KEY_MISSING', 'vaultKey'),
    );
  });

  it('is 32 bytes', () => {
    expect(() => createKeySource('/nowhere', { vaultKey: Buffer.alloc(31) })).toThrow(coded('CLIENT_OPTIONS_INVALID'));
  });

  it('SATWAY_KEYCHAIN is off, on or auto', () => {
    const before = process.env['SATWAY_KEYCHAIN'];
    onTestFinished(() => void (process.env['SATWAY_KEYCHAIN'] = before));
    process.env['SATWAY_KEYCHAIN'] = 'maybe';
    expect(() => createKeySource('/nowhere')).toThrow(coded('CLIENT_OPTIONS_INVALID'));
  });
});
