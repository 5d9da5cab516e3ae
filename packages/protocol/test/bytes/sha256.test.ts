import { createHash, createHmac } from 'node:crypto';
import { bytesToHex, equalBytes, hexToBytes, hmacSha256, isHex64, sha256, sha256Hex } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('hmacSha256', () => {
  it('is that of RFC 4231, test case 2', () => {
    const mac = hmacSha256(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'));
    expect(bytesToHex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('is that of the library for keys and messages of every length, one after the other', () => {
    const keys = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 100 }));
    const messages = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(4095, 4096, 4097, 10_000).map((n) => new Uint8Array(n)),
    );
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        expect(bytesToHex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
      }),
      { numRuns: 300 },
    );
  });
});

describe('sha256', () => {
  it('is that of the library', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const expected = createHash('sha256').update(bytes).digest('hex');
        expect([bytesToHex(sha256(bytes)), sha256Hex(bytes)]).toEqual([expected, expected]);
      }),
    );
  });
});

describe('equalBytes', () => {
  it('compares bytes, and says no to another length', () => {
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

describe('hex', () => {
  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const back = hexToBytes(bytesToHex(bytes));
        expect(back.ok && Buffer.from(back.value).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each(['0', 'AB', '0x', ' 00', '00\n', 'é0', '\ud800'])('refuses %j', (text) => {
    expect(hexToBytes(text)).toMatchObject({ ok: false, code: 'HEX_MALFORMED' });
  });

  it('knows 32 bytes by their form', () => {
    expect(['ab'.repeat(32), 'ab'.repeat(31), 'AB'.repeat(32), `${'ab'.repeat(32)}\n`].map(isHex64)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
