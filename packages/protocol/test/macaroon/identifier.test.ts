import { decodeIdentifier, encodeIdentifier } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, PAYMENT_HASH, TOKEN_ID } from '../fixture.js';

describe('an identifier', () => {
  it('is version, payment hash and token id in 66 bytes', () => {
    const bytes = encodeIdentifier({ paymentHashHex: PAYMENT_HASH, tokenId: TOKEN_ID });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '0000ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42ef58775f808182838485868788898a8b8c8d8e8f909192939495969798999a9b',
    );
    const decoded = decodeIdentifier(bytes);
    expect(decoded).toMatchObject({ ok: true, value: { paymentHashHex: PAYMENT_HASH } });
    expect(decoded.ok && Buffer.from(decoded.value.tokenId).equals(TOKEN_ID)).toBe(true);
  });

  it.each([
    ['version 1', `0001${'00'.repeat(64)}`],
    ['version 256', `0100${'00'.repeat(64)}`],
    ['65 bytes', '00'.repeat(65)],
    ['67 bytes', '00'.repeat(67)],
    ['nothing', ''],
  ])('of %s is refused', (_, hex) => {
    expect(decodeIdentifier(fromHex(hex))).toMatchObject({ ok: false, code: 'IDENTIFIER_MALFORMED' });
  });

  it.each([
    ['a short hash', { paymentHashHex: PAYMENT_HASH.slice(2), tokenId: TOKEN_ID }],
    ['an upper-case hash', { paymentHashHex: PAYMENT_HASH.toUpperCase(), tokenId: TOKEN_ID }],
    ['a long token id', { paymentHashHex: PAYMENT_HASH, tokenId: new Uint8Array(33) }],
  ])('is not made from %s', (_, parts) => {
    expect(() => encodeIdentifier(parts)).toThrow(expect.objectContaining({ code: 'IDENTIFIER_MALFORMED' }));
  });

  it('of any bytes gives a value', () => {
    const sizes = fc.uint8Array({ minLength: 64, maxLength: 68 });
    fc.assert(
      fc.property(sizes, (bytes) => {
        const isVersionZero = bytes.length === 66 && bytes[0] === 0 && bytes[1] === 0;
        expect(decodeIdentifier(bytes).ok).toBe(isVersionZero);
      }),
    );
  });
});
