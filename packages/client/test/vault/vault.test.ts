import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVault, keyIdHex, type SecretPlace } from '../../src/vault/vault.js';

const key = createSecretKey(Buffer.alloc(32, 7));
const vault = createVault(key, 'c0ffee');
const place: SecretPlace = {
  table: 'credentials',
  column: 'preimage_sealed',
  row: ['purchase-1', 'https://api.example', '11'.repeat(32)],
};
const secret = 'ab'.repeat(32);
const damaged = expect.objectContaining({ code: 'VAULT_DAMAGED' });

describe('the vault', () => {
  it('opens what was sealed by another program under the same key', () => {
    // Made with Go's crypto/cipher: 32 bytes 07 as key, 12 bytes 01 as IV.
    const sealed =
      'v1.AQEBAQEBAQEBAQEBF4Po1fHdjWywtr1DEVURU8mZdZZ59VpxOVMiAAfWV9mj0GnS_XHk4j8QKWmgHI_773mIYDzcnj3DIMZqt0Dk9yGi77-mwCaU_vISdZ-Odcs';
    expect(vault.open(place, sealed)).toBe(secret);
  });

  it('seals the same secret as another text each time, and shows nothing of it', () => {
    const sealed = Array.from({ length: 200 }, () => vault.seal(place, secret));
    expect(new Set(sealed).size).toBe(200);
    // The random IV alone: two equal ones would give the texts away.
    expect(
      new Set(sealed.map((text) => Buffer.from(text.slice(3), 'base64url').toString('hex').slice(0, 24))).size,
    ).toBe(200);
    for (const text of sealed) {
      expect(text).toMatch(/^v1\.[A-Za-z0-9_-]{123}$/);
      expect(Buffer.from(text.slice(3), 'base64url').toString('latin1')).not.toContain(secret);
    }
  });

  it.each<[string, Partial<SecretPlace>]>([
    ['table', { table: 'sessions' }],
    ['column', { column: 'macaroon_sealed' }],
    ['row', { row: ['purchase-2', 'https://api.example', '11'.repeat(32)] }],
    ['host', { row: ['purchase-1', 'https://evil.example', '11'.repeat(32)] }],
    ['payment', { row: ['purchase-1', 'https://api.example', '22'.repeat(32)] }],
    ['row whose parts are cut elsewhere', { row: ['purchase-1https://api', '.example', '11'.repeat(32)] }],
  ])('refuses what was sealed for another %s', (_, change) => {
    expect(() => vault.open({ ...place, ...change }, vault.seal(place, secret))).toThrow(damaged);
  });

  it('refuses what was sealed in another store, or under another key', () => {
    expect(() => createVault(key, 'another').open(place, vault.seal(place, secret))).toThrow(damaged);
    const other = createVault(createSecretKey(Buffer.alloc(32, 8)), 'c0ffee');
    expect(() => other.open(place, vault.seal(place, secret))).toThrow(damaged);
  });

  it('gives back every text, and refuses it with any byte changed or cut off', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, change) => {
        const sealed = vault.seal(place, text);
        expect(vault.open(place, sealed)).toBe(text);
        const bytes = Buffer.from(sealed.slice(3), 'base64url');
        expect(() => vault.open(place, `v1.${bytes.subarray(0, at % bytes.length).toString('base64url')}`)).toThrow(
          damaged,
        );
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ change;
        expect(() => vault.open(place, `v1.${bytes.toString('base64url')}`)).toThrow(damaged);
      }),
    );
  });

  it('refuses anything that it never sealed with its own error', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.base64String().map((text) => `v1.${text}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(() => vault.open(place, text)).toThrow(damaged);
      }),
    );
  });

  it('tells nothing of key or secret when it refuses, is printed or is turned into JSON', () => {
    let thrown: unknown;
    try {
      vault.open({ ...place, column: 'macaroon_sealed' }, vault.seal(place, secret));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual(damaged);
    const told = [
      inspect(thrown, { depth: 9, showHidden: true }),
      inspect(vault, { depth: 9, showHidden: true }),
      inspect(key),
      JSON.stringify([vault, key, thrown]),
    ];
    for (const text of told) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('07'.repeat(16));
    }
  });

  it('names a key by something that is not the key', () => {
    expect(keyIdHex(key)).toBe('3dcb31afbb11cb09');
    expect(keyIdHex(createSecretKey(Buffer.alloc(32, 8)))).not.toBe(keyIdHex(key));
  });
});
