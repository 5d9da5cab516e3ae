import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packWords, wordsToBytes } from '../../src/bolt11/words.js';

/** Typed arrays of another realm are not equal to ours. */
const asHex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
const words = fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 120 });

describe('5-bit words as bytes', () => {
  it('are what an independent conversion makes of them, refusals included', () => {
    fc.assert(
      fc.property(words, (run) => {
        expect(asHex(wordsToBytes(Uint8Array.from(run)))).toBe(asHex(bech32.fromWordsUnsafe(run) ?? null));
      }),
    );
  });

  it('come back from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(asHex(wordsToBytes(Uint8Array.from(bech32.toWords(bytes))))).toBe(asHex(bytes));
      }),
    );
  });

  it.each([
    ['a padding that is not zero', [31, 29]],
    ['a whole word of padding', [0]],
    ['five bits of padding and more', [0, 0, 0]],
  ])('are refused for %s', (_, run) => {
    expect(wordsToBytes(Uint8Array.from(run))).toBeNull();
  });

  it('of any number are filled up with zero bits where a digest covers them', () => {
    expect(asHex(packWords(Uint8Array.of(31)))).toBe('f8');
    expect(asHex(packWords(Uint8Array.of(31, 31)))).toBe('ffc0');
    expect(asHex(packWords(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1)))).toBe('0000000001');
    expect(asHex(packWords(Uint8Array.of()))).toBe('');
  });
});
