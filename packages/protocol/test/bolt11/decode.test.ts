import { decodeInvoice, MAX_INVOICE_LENGTH, readOwnInvoice } from '@satway/protocol';
import { bech32 } from '@scure/base';
import { describe, expect, it } from 'vitest';
import {
  DESCRIPTION,
  FORGER_PUBKEY_HEX,
  field,
  forge,
  GOOD_FIELDS,
  HASH,
  HASH_HEX,
  hexField,
  SECRET,
  SECRET_HEX,
  textField,
} from './forge.js';

const ZEROES_HEX = '00'.repeat(32);

function refusal(invoice: string): unknown {
  const result = decodeInvoice(invoice);
  return result.ok ? 'accepted' : result.code;
}

describe('the network', () => {
  it.each([
    ['lnbc1u', 'bitcoin', 'lnbc'],
    ['lntb1u', 'testnet', 'lntb'],
    ['lntbs1u', 'signet', 'lntbs'],
    ['lnbcrt1u', 'regtest', 'lnbcrt'],
  ])('is read from %s', (humanPart, network, prefix) => {
    expect(decodeInvoice(forge({ humanPart }))).toMatchObject({ value: { network, prefix, amountMsat: 100_000n } });
  });

  it.each(['lnbcx1u', 'lnsb1u', 'ln1u', 'bc1u', 'lnb1u', 'lntbs1', 'xlnbc1u'])('of %s is not guessed', (humanPart) => {
    const known = humanPart === 'lntbs1';
    expect(refusal(forge({ humanPart }))).toBe(known ? 'accepted' : 'INVOICE_NETWORK_UNKNOWN');
  });
});

describe('fields of known letters and other lengths', () => {
  it.each([
    ['p', 51],
    ['p', 53],
    ['s', 51],
    ['s', 53],
    ['h', 51],
    ['n', 52],
    ['n', 54],
  ])('%s with %i words is skipped, before and after the good ones', (letter, length) => {
    const odd = field(
      letter,
      Array.from({ length }, () => 0),
    );
    const expected = { paymentHashHex: HASH_HEX, paymentSecretHex: SECRET_HEX, payeeHex: FORGER_PUBKEY_HEX };
    expect(decodeInvoice(forge({ fields: [odd, ...GOOD_FIELDS] }))).toMatchObject({ value: expected });
    expect(decodeInvoice(forge({ fields: [...GOOD_FIELDS, odd] }))).toMatchObject({ value: expected });
  });

  it('do not count as the required ones', () => {
    const short = field(
      'p',
      Array.from({ length: 51 }, () => 0),
    );
    expect(refusal(forge({ fields: [short, SECRET, DESCRIPTION] }))).toBe('INVOICE_MALFORMED');
  });

  it('of unknown letters and fallback addresses of unknown versions are skipped', () => {
    const fields = [field('z', [1, 2, 3]), field('f', [19, 1, 2]), field('f', []), field('f', [31]), ...GOOD_FIELDS];
    expect(decodeInvoice(forge({ fields }))).toMatchObject({ ok: true, value: { fallbackAddresses: [] } });
  });
});

describe('fields that readers would understand differently', () => {
  it.each([
    ['p', hexField('p', ZEROES_HEX)],
    ['s', hexField('s', ZEROES_HEX)],
    ['d', textField('d', 'coffee')],
  ])('a second %s is refused, since readers disagree on which counts', (_letter, second) => {
    expect(refusal(forge({ fields: [...GOOD_FIELDS, second] }))).toBe('INVOICE_MALFORMED');
  });

  it.each(['x', 'c', '9'])('a second %s is refused', (letter) => {
    expect(refusal(forge({ fields: [...GOOD_FIELDS, field(letter, [1]), field(letter, [2])] }))).toBe(
      'INVOICE_MALFORMED',
    );
  });

  it('padding that is not zero is refused', () => {
    const padded = bech32.toWords(Buffer.from(HASH_HEX, 'hex'));
    padded[51] = (padded[51] ?? 0) | 1;
    expect(refusal(forge({ fields: [field('p', padded), SECRET, DESCRIPTION] }))).toBe('INVOICE_MALFORMED');
  });

  it('a description that is not UTF-8 is refused', () => {
    expect(refusal(forge({ fields: [HASH, SECRET, hexField('d', 'c328')] }))).toBe('INVOICE_MALFORMED');
  });

  it('a description keeps every byte, a byte order mark too', () => {
    const fields = [HASH, SECRET, hexField('d', 'efbbbf74')];
    expect(decodeInvoice(forge({ fields }))).toMatchObject({ value: { description: '\ufefft' } });
  });

  it('a description and a hash of one, or neither, are refused', () => {
    expect(refusal(forge({ fields: [...GOOD_FIELDS, hexField('h', ZEROES_HEX)] }))).toBe('INVOICE_MALFORMED');
    expect(refusal(forge({ fields: [HASH, SECRET] }))).toBe('INVOICE_MALFORMED');
  });

  it('a field that reaches past the signature is refused', () => {
    const tooLong = [2, 31, 31, 1, 2, 3];
    expect(refusal(forge({ fields: [...GOOD_FIELDS, tooLong] }))).toBe('INVOICE_MALFORMED');
    expect(refusal(forge({ fields: [...GOOD_FIELDS, [2]] }))).toBe('INVOICE_MALFORMED');
    expect(refusal(forge({ fields: [...GOOD_FIELDS, [2, 0]] }))).toBe('INVOICE_MALFORMED');
  });

  it('a route hint that is no whole number of hops is refused', () => {
    expect(refusal(forge({ fields: [...GOOD_FIELDS, hexField('r', 'ab'.repeat(50))] }))).toBe('INVOICE_MALFORMED');
    expect(refusal(forge({ fields: [...GOOD_FIELDS, hexField('r', 'ab'.repeat(102))] }))).toBe('accepted');
  });

  it('an expiry or a final CLTV delta beyond all measure is refused, and leading zeros are not', () => {
    const huge = Array.from({ length: 100 }, () => 31);
    expect(refusal(forge({ fields: [...GOOD_FIELDS, field('x', huge)] }))).toBe('INVOICE_MALFORMED');
    expect(refusal(forge({ fields: [...GOOD_FIELDS, field('c', huge)] }))).toBe('INVOICE_MALFORMED');
    const fields = [...GOOD_FIELDS, field('x', [0, 0, 0, 1, 28]), field('c', [0, 0, 1])];
    expect(decodeInvoice(forge({ fields }))).toMatchObject({
      value: { expirySeconds: 60, minFinalCltvExpiryDelta: 1 },
    });
  });
});

describe('the features', () => {
  const withFeatures = (words: number[]): string => forge({ fields: [...GOOD_FIELDS, field('9', words)] });

  it('may be left out', () => expect(refusal(forge())).toBe('accepted'));

  it('that are odd and unknown are ignored', () => {
    expect(decodeInvoice(withFeatures([16, 0, 0, 8, 8, 0]))).toMatchObject({
      value: { features: new Set([29, 13, 8]) },
    });
  });

  it.each([
    [0, [1]],
    [30, [1, 0, 0, 0, 8, 8, 0]],
    [5114, [16, ...Array.from({ length: 1022 }, () => 0)]],
  ])('that are even and unknown, such as %i, are refused', (bit, words) => {
    expect(decodeInvoice(withFeatures(words))).toEqual({
      ok: false,
      code: 'INVOICE_FEATURE_UNKNOWN',
      detail: `It requires feature ${bit}.`,
    });
  });

  it('must bring what they build on', () => {
    expect(refusal(withFeatures([4, 0, 0, 0]))).toBe('INVOICE_FEATURE_UNKNOWN');
    expect(refusal(withFeatures([16, 0, 0]))).toBe('INVOICE_FEATURE_UNKNOWN');
    expect(refusal(withFeatures([2, 16, 16, 0]))).toBe('accepted');
  });
});

describe('the signature', () => {
  const named = [...GOOD_FIELDS, hexField('n', FORGER_PUBKEY_HEX)];

  it('of a named payee must be low-S', () => {
    expect(decodeInvoice(forge({ fields: named }))).toMatchObject({ value: { payeeHex: FORGER_PUBKEY_HEX } });
    expect(refusal(forge({ fields: named, highS: true }))).toBe('INVOICE_SIGNATURE_INVALID');
  });

  it('may be high-S where the payee is recovered from it', () => {
    expect(decodeInvoice(forge({ highS: true }))).toMatchObject({ value: { payeeHex: FORGER_PUBKEY_HEX } });
  });

  it('must be of the named payee over this very content', () => {
    const other = '02'.padEnd(66, '0').replace(/.$/, '3');
    expect(refusal(forge({ fields: [...GOOD_FIELDS, hexField('n', other)] }))).toBe('INVOICE_SIGNATURE_INVALID');
    expect(refusal(forge({ fields: named, signsOther: true }))).toBe('INVOICE_SIGNATURE_INVALID');
  });

  it('with a recovery number above 3 is refused, with a named payee too', () => {
    expect(refusal(forge({ recoveryId: 4 }))).toBe('INVOICE_SIGNATURE_INVALID');
    expect(refusal(forge({ recoveryId: 255 }))).toBe('INVOICE_SIGNATURE_INVALID');
    expect(refusal(forge({ fields: named, recoveryId: 4 }))).toBe('INVOICE_SIGNATURE_INVALID');
  });

  it('names another payee when the content was changed, never the one who signed', () => {
    const result = decodeInvoice(forge({ signsOther: true }));
    expect(result.ok ? result.value.payeeHex : 'refused').not.toBe(FORGER_PUBKEY_HEX);
  });

  it('is not looked at in an invoice of our own wallet', () => {
    expect(readOwnInvoice(forge({ recoveryId: 255 }))).toMatchObject({ ok: true, value: { paymentHashHex: HASH_HEX } });
  });
});

describe('the payment secret', () => {
  it('is required by both readers', () => {
    const invoice = forge({ fields: [HASH, DESCRIPTION] });
    expect(refusal(invoice)).toBe('INVOICE_PAYMENT_SECRET_MISSING');
    expect(readOwnInvoice(invoice)).toMatchObject({ ok: false, code: 'INVOICE_PAYMENT_SECRET_MISSING' });
  });
});

/** Unknown fields that make an invoice longer by so many characters. */
function fillers(length: number): number[][] {
  const rest = length > 1003 ? fillers(length - 1003) : [];
  return [
    ...rest,
    field(
      'z',
      Array.from({ length: Math.min(length, 1003) - 3 }, () => 0),
    ),
  ];
}

describe('the length', () => {
  it('is limited, and the limit is reached', () => {
    const fields = [...GOOD_FIELDS, ...fillers(MAX_INVOICE_LENGTH - forge().length)];
    expect(forge({ fields })).toHaveLength(7089);
    expect(refusal(forge({ fields }))).toBe('accepted');
    const over = [...fields, field('z', [])];
    expect(refusal(forge({ fields: over }))).toBe('INVOICE_MALFORMED');
  });

  it('too short for timestamp and signature is said to be so', () => {
    const short = bech32.encode(
      'lnbcrt',
      Array.from({ length: 110 }, () => 0),
      false,
    );
    expect(decodeInvoice(short)).toEqual({ ok: false, code: 'INVOICE_MALFORMED', detail: 'It is too short.' });
  });

  it('of what is around the invoice is not forgiven', () => {
    const invoice = forge();
    for (const text of [` ${invoice}`, `${invoice}\n`, `lightning:${invoice}`, `${invoice}q`, '', '1', 'lnbc1']) {
      expect(refusal(text)).toBe('INVOICE_MALFORMED');
    }
  });
});
