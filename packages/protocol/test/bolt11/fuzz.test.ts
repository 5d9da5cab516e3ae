import { decodeInvoice, encodeInvoice, readOwnInvoice } from '@satway/protocol';
import { bech32 } from '@scure/base';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forge, FORGER_KEY, HASH_HEX, SECRET_HEX } from './forge.js';
import { validExamples } from './specification.js';

const example = fc.constantFrom(...validExamples.map(({ invoice }) => invoice));

/** Every answer is a value; what is accepted is whole. */
function expectAnAnswer(text: string): void {
  for (const result of [decodeInvoice(text), readOwnInvoice(text)]) {
    const whole = result.ok ? Number.isSafeInteger(result.value.expiresAtMs) : result.code.startsWith('INVOICE_');
    expect(whole).toBe(true);
  }
}

describe('decodeInvoice', () => {
  it('answers any text with a value', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), expectAnAnswer), { numRuns: 500 });
    fc.assert(
      fc.property(
        fc.string().map((text) => `lnbc1${text}`),
        expectAnAnswer,
      ),
    );
  });

  it('refuses every invoice of which one character was changed', () => {
    fc.assert(
      fc.property(
        example,
        fc.nat(),
        fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l1'),
        (invoice, place, letter) => {
          const at = place % invoice.length;
          const changed = `${invoice.slice(0, at)}${letter}${invoice.slice(at + 1)}`;
          fc.pre(changed.toLowerCase() !== invoice.toLowerCase());
          expect(decodeInvoice(changed).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses every invoice that was cut short', () => {
    fc.assert(
      fc.property(example, fc.nat(), (invoice, length) => {
        expect(decodeInvoice(invoice.slice(0, length % invoice.length)).ok).toBe(false);
      }),
    );
  });

  it('answers changed words under a right checksum with a value, and never with the payee of the original', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 31 }), (place, change) => {
        const original = forge();
        const { prefix, words } = bech32.decode(original as `${string}1${string}`, false);
        const at = place % (words.length - 104);
        words[at] = (words[at] ?? 0) ^ change;
        const changed = decodeInvoice(bech32.encode(prefix, words, false));
        const payee = decodeInvoice(original);
        expect(changed.ok && payee.ok && changed.value.payeeHex === payee.value.payeeHex).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('answers signed nonsense with a value', () => {
    const words = fc.array(fc.nat({ max: 31 }), { maxLength: 300 });
    fc.assert(
      fc.property(words, (fields) => expectAnAnswer(forge({ fields: [fields] }))),
      { numRuns: 300 },
    );
  });

  it('is done at once with a megabyte', () => {
    const megabyte = 1_048_576;
    for (const text of [
      '1'.repeat(megabyte),
      'lnbc1'.repeat(megabyte / 4),
      `lnbc1${'q'.repeat(megabyte)}`,
      'é'.repeat(megabyte),
    ]) {
      expect(decodeInvoice(text)).toMatchObject({
        ok: false,
        code: 'INVOICE_MALFORMED',
        detail: 'It is longer than 7,089 characters.',
      });
    }
  });

  it('reads the longest invoice that is made of the smallest fields', () => {
    const empty = Array.from({ length: 2_200 }, () => [9, 0, 0]);
    expectAnAnswer(forge({ fields: empty }));
    const invoice = { network: 'regtest', amountMsat: null, timestampSeconds: 0, description: '' } as const;
    const text = encodeInvoice({ ...invoice, paymentHashHex: HASH_HEX, paymentSecretHex: SECRET_HEX }, FORGER_KEY);
    expect(decodeInvoice(text)).toMatchObject({ ok: true, value: { description: '', timestampSeconds: 0 } });
  });
});
