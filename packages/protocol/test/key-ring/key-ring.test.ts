import { createKeyRing, type MasterKey, masterKeyIdHex } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { MASTER, TENANT_ID, TOKEN_ID } from '../fixture.js';

const OLD: MasterKey = { secret: MASTER, createdAtMs: 1_000, verifyUntilMs: 50_000 };
const NEW: MasterKey = { secret: Buffer.alloc(32, 9), createdAtMs: 2_000, verifyUntilMs: null };
/** The old key while it was the only one. */
const ALONE: MasterKey = { ...OLD, verifyUntilMs: null };
const RANDOMNESS = TOKEN_ID.subarray(4);

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}

const request = { kind: 'l402', tenantId: TENANT_ID, tokenId: TOKEN_ID };
const ROOT_KEY = '94302eae8b6db968c7605f62eb4f4d192e9e62a7991a5f81680f1ebe2a6ff121';
const SESSION_KEY = '45894180d4aeb1a4faa03e00b4cc4370a26a09943e1e4363672b5eff80352191';

describe('a key ring', () => {
  it('names its keys by four bytes of their hash, the newest first', () => {
    expect(masterKeyIdHex(MASTER)).toBe('ef58775f');
    const ring = createKeyRing([OLD, NEW]);
    expect(ring.signingKeyIdHex).toBe(masterKeyIdHex(NEW.secret));
    expect(ring.keyIds()).toEqual([masterKeyIdHex(NEW.secret), 'ef58775f']);
  });

  it('puts the id of the signing key before the randomness of a token id', () => {
    expect(hex(createKeyRing([ALONE]).newTokenId(RANDOMNESS))).toBe(TOKEN_ID.toString('hex'));
    expect(hex(createKeyRing([OLD, NEW]).newTokenId(RANDOMNESS))?.slice(0, 8)).toBe(masterKeyIdHex(NEW.secret));
  });

  it('derives the keys of the specification', () => {
    const ring = createKeyRing([OLD, NEW]);
    expect(hex(ring.rootKey(request, 0))).toBe(ROOT_KEY);
    expect(hex(ring.sessionKey({ keyIdHex: 'ef58775f', tenantId: TENANT_ID }, 0))).toBe(SESSION_KEY);
  });

  it('verifies with an old key up to the last millisecond of its time, and not after', () => {
    const ring = createKeyRing([OLD, NEW]);
    expect(hex(ring.rootKey(request, 50_000))).toBe(ROOT_KEY);
    expect(ring.rootKey(request, 50_001)).toBeNull();
    expect(ring.sessionKey({ keyIdHex: 'ef58775f', tenantId: TENANT_ID }, 50_001)).toBeNull();
  });

  it('has no key for an id that it does not know', () => {
    const ring = createKeyRing([NEW]);
    expect(ring.rootKey(request, 0)).toBeNull();
    expect(createKeyRing([ALONE]).rootKey({ ...request, tokenId: TOKEN_ID.subarray(0, 31) }, 0)).toBeNull();
    for (const keyIdHex of ['', '__proto__', 'constructor', 'EF58775F']) {
      expect(createKeyRing([ALONE]).sessionKey({ keyIdHex, tenantId: TENANT_ID }, 0)).toBeNull();
    }
  });

  it('gives each tenant, kind and token a key of its own', () => {
    const ring = createKeyRing([ALONE]);
    const otherToken = Buffer.from(TOKEN_ID);
    otherToken[31] = 0;
    const keys = [
      request,
      { ...request, kind: 'mpp' },
      { ...request, tenantId: TENANT_ID.replace('6f', '6e') },
      { ...request, tokenId: otherToken },
      request,
    ].map((one) => hex(ring.rootKey(one, 0)));
    expect(new Set(keys).size).toBe(4);
    expect(keys.at(-1)).toBe(ROOT_KEY);
  });

  it('is not changed when the secrets it was made from are wiped', () => {
    const secret = Buffer.from(MASTER);
    const ring = createKeyRing([{ ...ALONE, secret }]);
    secret.fill(0);
    expect(hex(ring.rootKey(request, 0))).toBe(ROOT_KEY);
  });

  it.each<[string, MasterKey[]]>([
    ['no key', []],
    ['a short key', [{ ...ALONE, secret: MASTER.subarray(1) }]],
    ['a long key', [{ ...ALONE, secret: Buffer.alloc(33) }]],
    ['one key twice', [ALONE, { ...OLD, createdAtMs: 5 }]],
    ['two newest keys', [OLD, { ...NEW, createdAtMs: OLD.createdAtMs }]],
    ['a time that is no number', [{ ...ALONE, createdAtMs: Number.NaN }]],
    ['an end that is no number', [NEW, { ...OLD, verifyUntilMs: Number.NaN }]],
    ['an end that is a fraction', [NEW, { ...OLD, verifyUntilMs: 0.5 }]],
    ['a signing key that ends, and with it what it signs', [OLD]],
    [
      'a signing key that ends, beside an older one',
      [
        { ...OLD, verifyUntilMs: null },
        { ...NEW, verifyUntilMs: 60_000 },
      ],
    ],
  ])('is not made from %s', (_, keys) => {
    expect(() => createKeyRing(keys)).toThrow(expect.objectContaining({ code: 'KEY_RING_INVALID' }));
  });

  it.each([
    ['an upper-case tenant id', { ...request, tenantId: TENANT_ID.toUpperCase() }],
    ['a slug for a tenant id', { ...request, tenantId: 'acme' }],
    ['no kind', { ...request, kind: '' }],
  ])('derives nothing for %s', (_, one) => {
    expect(() => createKeyRing([ALONE]).rootKey(one, 0)).toThrow(expect.objectContaining({ code: 'KEY_RING_INVALID' }));
  });

  it('needs exactly 28 random bytes for a token id', () => {
    for (const length of [0, 27, 29, 32]) {
      expect(() => createKeyRing([ALONE]).newTokenId(new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: 'KEY_RING_INVALID' }),
      );
    }
  });

  it('tells no secret in its errors', () => {
    const twice = () => createKeyRing([ALONE, { ...OLD, createdAtMs: 5 }]);
    expect(twice).toThrow(
      expect.objectContaining({
        message: 'The master keys cannot be used. Two keys have the same id.',
        facts: {},
      }),
    );
  });
});
