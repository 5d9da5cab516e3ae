import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBech32 } from '../../src/bolt11/bech32.js';

const LONGEST = 100_000;

function ours(text: string) {
  const read = readBech32(text);
  return read === null ? null : { prefix: read.humanPart, words: [...read.words] };
}

const humanPart = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789!~-'),
  minLength: 1,
  maxLength: 83,
});
const words = fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 300 });

describe('bech32', () => {
  it.each([
    ['A12UEL5L', 'a', 0],
    ['a12uel5l', 'a', 0],
    ['an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs', null, 0],
    ['abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw', 'abcdef', 32],
    ['split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w', 'split', 48],
    ['?1ezyfcl', '?', 0],
  ])('reads the example %s of BIP 173', (text, prefix, count) => {
    const read = ours(text);
    expect(read?.prefix).toBe(prefix ?? text.slice(0, text.lastIndexOf('1')));
    expect(read?.words).toHaveLength(count);
  });

  it.each([
    ['a space in the human part', '\u0020\u0031nwldj5'],
    ['a control character', '\u007f1axkwrx'],
    ['no separator', 'pzry9x0s0muk'],
    ['an empty human part', '1pzry9x0s0muk'],
    ['a character that is no word', 'x1b4n0q5v'],
    ['a checksum that is too short', 'li1dgmt3'],
    ['a character beyond ASCII in the checksum', 'de1lg7wt\u00ff'],
    ['the checksum of another case', 'A1G7SGD8'],
    ['mixed case', 'A12uEL5L'],
    ['a human part of 84 characters', bech32.encode('a'.repeat(84), [], false)],
    ['a letter beyond ASCII that becomes a k in lower case', 'K12UEL5L'.replace('K', '\u212a')],
  ])('refuses %s', (_, text) => {
    expect(readBech32(text)).toBeNull();
  });

  it('is read as an independent reader reads it', () => {
    fc.assert(
      fc.property(humanPart, words, fc.boolean(), (prefix, run, isUpper) => {
        const lower = bech32.encode(prefix, run, false);
        const text = isUpper ? lower.toUpperCase() : lower;
        expect(ours(text)).toEqual({ prefix, words: run });
      }),
    );
  });

  it('with any one character changed is refused, as an independent reader refuses it', () => {
    fc.assert(
      fc.property(humanPart, words, fc.nat(), fc.nat(127), (prefix, run, where, code) => {
        const text = bech32.encode(prefix, run, false);
        const at = where % text.length;
        const changed = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
        const theirs = bech32.decodeUnsafe(changed, LONGEST);
        expect(ours(changed)).toEqual(theirs === undefined ? null : { prefix: theirs.prefix, words: theirs.words });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(() => readBech32(text)).not.toThrow();
      }),
    );
  });
});
