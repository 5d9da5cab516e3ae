import assert from 'node:assert/strict';
import { type DecodedInvoice, decodeInvoice, encodeInvoice, readOwnInvoice } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { invalidExamples, PAYEE_HEX, PRIVATE_KEY_HEX, validExamples } from './specification.js';

const privateKey = Buffer.from(PRIVATE_KEY_HEX, 'hex');
const HIGH_S = 'high-S signature without a named payee';

function decoded(invoice: string): DecodedInvoice {
  const result = decodeInvoice(invoice);
  assert(result.ok, 'the invoice is refused');
  return result.value;
}

describe('the valid examples of BOLT 11', () => {
  it('are all 16 there', () => expect(validExamples).toHaveLength(16));

  it.each(validExamples)('reads $what as the specification says', ({ invoice, says }) => {
    const { fieldOrder: _, ...said } = says;
    expect(decoded(invoice)).toMatchObject({ ...said, features: new Set(said.features) });
  });

  it.each(validExamples)('knows what $what leaves unsaid', ({ invoice, says }) => {
    const read = decoded(invoice);
    expect(read.expirySeconds).toBe(says.expirySeconds ?? 3600);
    expect(read.expiresAtMs).toBe((says.timestampSeconds + (says.expirySeconds ?? 3600)) * 1000);
    expect(read.minFinalCltvExpiryDelta).toBe(says.minFinalCltvExpiryDelta ?? 18);
    expect(read.description).toBe(says.description ?? null);
    expect(read.descriptionHashHex).toBe(says.descriptionHashHex ?? null);
    expect(read.metadataHex).toBe(says.metadataHex ?? null);
    expect(read.routeHints).toEqual(says.routeHints ?? []);
    expect(read.fallbackAddresses).toEqual(says.fallbackAddresses ?? []);
  });

  it.each(validExamples.filter(({ what }) => what !== HIGH_S))('recovers the payee of $what', ({ invoice }) => {
    expect(decoded(invoice).payeeHex).toBe(PAYEE_HEX);
  });

  it('recovers the payee that a high-S signature names', () => {
    const example = validExamples.find(({ what }) => what === HIGH_S);
    expect(decoded(example?.invoice ?? '').payeeHex).toBe(
      '02d0139ce7427d6dfffd26a326c18be754ef1e64672b42694ba5b23ef6e6e7803d',
    );
  });

  it.each(validExamples)('reads $what the same without recovering the signer', ({ invoice }) => {
    const { payeeHex: _, ...withoutPayee } = decoded(invoice);
    expect(readOwnInvoice(invoice)).toEqual({ ok: true, value: withoutPayee });
  });

  it.each(validExamples.filter(({ canBeWritten }) => canBeWritten))(
    'writes $what byte for byte',
    ({ invoice, says }) => {
      expect(encodeInvoice(says, privateKey)).toBe(invoice);
    },
  );

  it('writes 13 of them', () => expect(validExamples.filter(({ canBeWritten }) => canBeWritten)).toHaveLength(13));
});

describe('the invalid examples of BOLT 11', () => {
  it('are all 10 there', () => expect(invalidExamples).toHaveLength(10));

  it.each(invalidExamples)('refuses: $why', ({ invoice, code }) => {
    expect(decodeInvoice(invoice)).toMatchObject({ ok: false, code });
  });
});
