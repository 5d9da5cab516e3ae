import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreignWords } from '../../src/rest/index.js';

describe('somebody else’s words in a message', () => {
  it('keep what a person can read', () => {
    expect(foreignWords('wallet locked, unlock it – “now”, s’il vous plaît 🔓')).toBe(
      'wallet locked, unlock it – “now”, s’il vous plaît 🔓',
    );
  });

  it.each([
    ['an escape sequence', 'a\u001b[31mb', 'a [31mb'],
    ['an eight-bit escape', 'a\u009b31mb', 'a 31mb'],
    ['line breaks', 'a\r\nb\u2028c\u0085d', 'a b c d'],
    ['a bell and a backspace', 'a\u0007\u0008b', 'a b'],
    ['a turned direction of writing', 'a\u202ecod.exe\u2069', 'a cod.exe'],
    ['a zero byte', '\u0000a\u0000', 'a'],
  ])('lose %s', (_name, text, shown) => {
    expect(foreignWords(text)).toBe(shown);
  });

  it('show no secret, not even one with something invisible in it', () => {
    expect(foreignWords(`preimage=${'ab'.repeat(32)}`)).toBe('preimage=[redacted]');
    expect(foreignWords(`preimage\u0000=\u0007${'ab'.repeat(32)}`)).toBe('preimage = [redacted]');
    expect(foreignWords(`Bearer\u200e${'QUJD'.repeat(20)}`)).toBe('Bearer [redacted]');
  });

  it('are cut', () => {
    expect(foreignWords('x'.repeat(1_000_000))).toHaveLength(300);
    expect(foreignWords('x'.repeat(1_000), 60)).toHaveLength(60);
  });

  it('are one line of text, whatever they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const words = foreignWords(text);
        expect(words.length).toBeLessThanOrEqual(300);
        expect(words).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
