import {
  attenuate,
  decodeMacaroon,
  decodeMacaroonText,
  encodeMacaroon,
  encodeMacaroonText,
  type Macaroon,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, minted, mintedText } from '../fixture.js';

const SIGNATURE = '07'.repeat(32);
/** `02 | 01 len location | 02 len identifier | 00 | { 02 len caveat 00 } | 00 | 06 20 signature`. */
const GOOD = `02 0101 61 0202 6964 00 0203 613d62 00 00 0620 ${SIGNATURE}`;

function codeOf(hex: string): string {
  const decoded = decodeMacaroon(fromHex(hex));
  return decoded.ok ? 'accepted' : decoded.code;
}

const macaroons: fc.Arbitrary<Macaroon> = fc.record({
  location: fc.string({ unit: 'grapheme', maxLength: 20 }),
  identifier: fc.uint8Array({ maxLength: 200 }),
  caveats: fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }),
  signature: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

describe('decodeMacaroon', () => {
  it('reads the plain form', () => {
    expect(codeOf(GOOD)).toBe('accepted');
  });

  it.each([
    ['nothing', ''],
    ['another version', GOOD.replace('02', '01')],
    ['the JSON form', Buffer.from('{"i":"x"}').toString('hex')],
    ['a byte after the signature', `${GOOD}00`],
    ['a second macaroon after the first', `${GOOD}${GOOD}`],
    ['a short signature', GOOD.replace('0620', '061f').slice(0, -2)],
    ['a long signature', `${GOOD.replace('0620', '0621')}00`],
    ['no signature', GOOD.slice(0, -(4 + 64))],
    ['no identifier', `02 0101 61 00 00 0620 ${SIGNATURE}`],
    ['no end of the first section', `02 0101 61 0202 6964 0203 613d62 00 00 0620 ${SIGNATURE}`],
    ['no end of the caveats', `02 0101 61 0202 6964 00 0203 613d62 00 0620 ${SIGNATURE}`],
    ['an empty location that is written', `02 0100 0202 6964 00 00 0620 ${SIGNATURE}`],
    ['a location that is not UTF-8', `02 0101 ff 0202 6964 00 00 0620 ${SIGNATURE}`],
    ['two locations', `02 0101 61 0101 61 0202 6964 00 00 0620 ${SIGNATURE}`],
    ['the location after the identifier', `02 0202 6964 0101 61 00 00 0620 ${SIGNATURE}`],
    ['a caveat with a verification id', `02 0101 61 0202 6964 00 0203 613d62 0401 01 00 00 0620 ${SIGNATURE}`],
    ['a caveat with a location', `02 0101 61 0202 6964 00 0101 61 0203 613d62 00 00 0620 ${SIGNATURE}`],
    ['a length in two bytes where one is enough', `02 018100 61 0202 6964 00 00 0620 ${SIGNATURE}`],
    ['a length in three bytes', `02 01818000 61 0202 6964 00 00 0620 ${SIGNATURE}`],
    ['a length beyond the end', `02 017f 61`],
    ['an enormous length', '02 02ffffffffff7f 61'],
    ['a length that is cut off', '02 0281'],
    ['a tag that is not known', GOOD.replace('0202', '0302')],
  ])('refuses %s', (_, hex) => {
    expect(codeOf(hex)).toBe('MACAROON_MALFORMED');
  });

  it('takes 32 caveats and refuses 33', () => {
    const caveats = (count: number) => '0203 613d62 00'.repeat(count);
    expect(codeOf(`02 0202 6964 00 ${caveats(32)} 00 0620 ${SIGNATURE}`)).toBe('accepted');
    expect(codeOf(`02 0202 6964 00 ${caveats(33)} 00 0620 ${SIGNATURE}`)).toBe('MACAROON_TOO_LARGE');
  });

  it('takes 4096 bytes and refuses one more', () => {
    const sized = (length: number) => {
      const content = length - 40;
      const size = Buffer.from([(content & 0x7f) | 0x80, content >> 7]).toString('hex');
      return `02 02 ${size} ${'61'.repeat(content)} 00 00 0620 ${SIGNATURE}`;
    };
    expect(fromHex(sized(4096))).toHaveLength(4096);
    expect(codeOf(sized(4096))).toBe('accepted');
    expect(codeOf(sized(4097))).toBe('MACAROON_TOO_LARGE');
  });

  it('gives back what was encoded, byte for byte', () => {
    fc.assert(
      fc.property(macaroons, (macaroon) => {
        const bytes = encodeMacaroon(macaroon);
        const decoded = decodeMacaroon(bytes);
        if (!decoded.ok) throw new TypeError(decoded.detail);
        expect(decoded.value.location).toBe(macaroon.location);
        expect(Buffer.from(decoded.value.identifier).equals(macaroon.identifier)).toBe(true);
        expect(decoded.value.caveats.map((caveat) => [...caveat])).toEqual(
          macaroon.caveats.map((caveat) => [...caveat]),
        );
        expect(Buffer.from(encodeMacaroon(decoded.value)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('answers any bytes with a value, and what it accepts has one spelling only', () => {
    const mutated = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([place, value]) => {
      const bytes = Buffer.from(encodeMacaroon(minted(['n_uses=3'])));
      bytes[place % bytes.length] = value;
      return new Uint8Array(bytes);
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
        const decoded = decodeMacaroon(bytes);
        const isRight = decoded.ok
          ? Buffer.from(encodeMacaroon(decoded.value)).equals(bytes)
          : /^MACAROON_(MALFORMED|TOO_LARGE)$/.test(decoded.code);
        expect(isRight).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a macaroon that grows', () => {
  it('cannot pass 32 caveats', () => {
    const full = attenuate(
      minted(),
      Array.from({ length: 24 }, () => 'n_uses=3'),
    );
    expect(() => attenuate(full, ['n_uses=3'])).toThrow(expect.objectContaining({ code: 'MACAROON_TOO_LARGE' }));
    expect(decodeMacaroonText(encodeMacaroonText(full)).ok).toBe(true);
  });

  it('cannot pass 4 KiB', () => {
    expect(() => attenuate(minted(), [`path_prefix=/${'a'.repeat(4000)}`])).toThrow(
      expect.objectContaining({ code: 'MACAROON_TOO_LARGE' }),
    );
  });

  it('leaves the macaroon it grew from as it was', () => {
    const root = minted();
    const before = encodeMacaroonText(root);
    attenuate(root, ['n_uses=3']);
    expect(encodeMacaroonText(root)).toBe(before);
  });
});

describe('decodeMacaroonText', () => {
  const text = mintedText();
  const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_');
  const partial = encodeMacaroonText(minted(['n_uses=100']));

  it('reads standard and URL-safe base64, padded or not, to the same bytes', () => {
    const bytes = (spelling: string) => {
      const decoded = decodeMacaroonText(spelling);
      return decoded.ok ? Buffer.from(decoded.value.bytes).toString('hex') : decoded.code;
    };
    expect(partial).toMatch(/=$/);
    for (const one of [text, partial]) {
      const safe = one.replaceAll('+', '-').replaceAll('/', '_');
      const spellings = [one, safe, one.replace(/=+$/, ''), safe.replace(/=+$/, '')];
      expect(new Set(spellings.map(bytes)).size).toBe(1);
      expect(bytes(one)).toMatch(/^0201067361747761790242/);
    }
  });

  it.each([
    ['mixed alphabets', `${urlSafe.slice(0, 40)}+${urlSafe.slice(41, 60)}_${urlSafe.slice(61)}`],
    ['a blank', ` ${text}`],
    ['a line break', `${text}\n`],
    ['padding in the middle', `${text.slice(0, 8)}=${text.slice(9)}`],
    ['padding of the wrong length', `${text}=`],
    ['a single digit at the end', `${text}A`],
    ['a hash', `${text.slice(0, -1)}#`],
    ['a lone surrogate', `${text.slice(0, -1)}\ud800`],
    ['nothing', ''],
  ])('refuses %s', (_, spelling) => {
    expect(decodeMacaroonText(spelling)).toMatchObject({ ok: false, code: 'MACAROON_MALFORMED' });
  });

  it('refuses bits that stand for nothing', () => {
    const digits = partial.replace(/=+$/, '');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = alphabet.indexOf(digits.slice(-1));
    const same = Buffer.from(digits, 'base64');
    const others = Array.from({ length: 15 }, (_, index) => index + 1).map(
      (bit) => digits.slice(0, -1) + alphabet.charAt(last ^ bit),
    );
    const twins = others.filter((other) => Buffer.from(other, 'base64').equals(same));
    expect(twins.length).toBeGreaterThan(0);
    for (const twin of twins) expect(decodeMacaroonText(twin)).toMatchObject({ code: 'MACAROON_MALFORMED' });
  });

  it('refuses what is too long before it decodes it', () => {
    expect(decodeMacaroonText('A'.repeat(1_048_576))).toMatchObject({ ok: false, code: 'MACAROON_TOO_LARGE' });
  });

  it('answers any text with a value', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.base64String({ maxLength: 500 })),
        (any) => {
          const decoded = decodeMacaroonText(any);
          expect(decoded.ok || decoded.code.startsWith('MACAROON_')).toBe(true);
        },
      ),
    );
  });
});
