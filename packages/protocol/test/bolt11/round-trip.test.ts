import assert from 'node:assert/strict';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { decodeInvoice, encodeInvoice, type InvoiceToEncode } from '@satway/protocol';
import * as fc from 'fast-check';
import { decode as decodeElsewhere } from 'light-bolt11-decoder';
import { describe, expect, it } from 'vitest';
import { FORGER_KEY, FORGER_PUBKEY_HEX, HASH_HEX, SECRET_HEX } from './forge.js';

const simple: InvoiceToEncode = {
  network: 'regtest',
  amountMsat: 5_000n,
  timestampSeconds: 1_700_000_000,
  paymentHashHex: HASH_HEX,
  paymentSecretHex: SECRET_HEX,
  description: 'one forecast',
};

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));

const hop = fc.record({
  pubkeyHex: hex(33),
  shortChannelIdHex: hex(8),
  feeBaseMsat: fc.nat({ max: 2 ** 32 - 1 }),
  feeProportionalMillionths: fc.nat({ max: 2 ** 32 - 1 }),
  cltvExpiryDelta: fc.nat({ max: 65_535 }),
});

const fallback = fc.oneof(
  fc.record({ version: fc.constantFrom(0, 17, 18), programHex: hex(20) }),
  fc.record({ version: fc.integer({ min: 0, max: 16 }), programHex: hex(32) }),
);

const description = fc.oneof(
  fc.record({ description: fc.string({ unit: 'grapheme', maxLength: 60 }) }),
  fc.record({ descriptionHashHex: hex(32) }),
);

const knownFeatures = fc.subarray([48, 17, 1, 49, 99, 263]).map((optional) => [8, 14, ...optional]);

const invoices = fc
  .tuple(
    fc.record({
      network: fc.constantFrom('bitcoin' as const, 'testnet' as const, 'signet' as const, 'regtest' as const),
      amountMsat: fc.option(fc.bigInt({ min: 1n, max: 2_100_000_000_000_000_000n })),
      timestampSeconds: fc.nat({ max: 2 ** 35 - 1 }),
      paymentHashHex: hex(32),
      paymentSecretHex: hex(32),
      expirySeconds: fc.nat({ max: 2 ** 35 - 1 }),
      minFinalCltvExpiryDelta: fc.nat({ max: 2 ** 32 - 1 }),
      features: knownFeatures,
      metadataHex: fc.nat({ max: 64 }).chain(hex),
      routeHints: fc.array(fc.array(hop, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
      fallbackAddresses: fc.array(fallback, { maxLength: 3 }),
      namePayee: fc.boolean(),
    }),
    description,
  )
  .map(([rest, text]): InvoiceToEncode => ({ ...rest, ...text }));

describe('an encoded invoice', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(invoices, (invoice) => {
        const { namePayee: _, features, ...said } = invoice;
        const read = decodeInvoice(encodeInvoice(invoice, FORGER_KEY));
        assert(read.ok);
        expect(read.value).toMatchObject({ ...said, payeeHex: FORGER_PUBKEY_HEX });
        expect(read.value.features).toEqual(new Set(features));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same each time, and signed low-S', () => {
    fc.assert(
      fc.property(hex(32), (paymentHashHex) => {
        const text = encodeInvoice({ ...simple, paymentHashHex }, FORGER_KEY);
        expect(encodeInvoice({ ...simple, paymentHashHex }, FORGER_KEY)).toBe(text);
        const read = decodeInvoice(text);
        assert(read.ok);
        expect(secp256k1.Signature.fromHex(read.value.signatureHex, 'compact').hasHighS()).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('offers the features of common nodes when none are named', () => {
    expect(decodeInvoice(encodeInvoice(simple, FORGER_KEY))).toMatchObject({
      value: { features: new Set([17, 14, 9]) },
    });
  });

  it('has no feature field when there are no features', () => {
    const withNone = encodeInvoice({ ...simple, features: [] }, FORGER_KEY);
    expect(decodeInvoice(withNone)).toMatchObject({ value: { features: new Set() } });
    expect(withNone.length).toBeLessThan(encodeInvoice({ ...simple, features: [0] }, FORGER_KEY).length);
  });

  it('is read the same by light-bolt11-decoder', () => {
    const invoice = { ...simple, expirySeconds: 600, minFinalCltvExpiryDelta: 80, metadataHex: '01fafaf0' };
    const sections = new Map<string, unknown>();
    for (const section of decodeElsewhere(encodeInvoice(invoice, FORGER_KEY)).sections) {
      if ('value' in section) sections.set(section.name, section.value);
    }
    expect(Object.fromEntries(sections)).toMatchObject({
      amount: '5000',
      timestamp: 1_700_000_000,
      payment_hash: HASH_HEX,
      payment_secret: SECRET_HEX,
      description: 'one forecast',
      expiry: 600,
      min_final_cltv_expiry: 80,
      metadata: '01fafaf0',
    });
  });

  it('has the amount that light-bolt11-decoder reads, whatever its size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2_100_000_000_000_000_000n }), (amountMsat) => {
        const { sections } = decodeElsewhere(encodeInvoice({ ...simple, network: 'bitcoin', amountMsat }, FORGER_KEY));
        const amount = sections.find(({ name }) => name === 'amount');
        expect(amount).toMatchObject({ value: amountMsat.toString() });
      }),
      { numRuns: 60 },
    );
  });
});

describe('what cannot be written', () => {
  it.each<[string, Partial<InvoiceToEncode>]>([
    ['an amount of 0', { amountMsat: 0n }],
    ['a negative amount', { amountMsat: -1n }],
    ['more than there will ever be', { amountMsat: 2_100_000_000_000_000_001n }],
    ['a short hash', { paymentHashHex: 'ab' }],
    ['a hash that is not hex', { paymentHashHex: 'zz'.repeat(32) }],
    ['a short secret', { paymentSecretHex: 'ab' }],
    ['half a byte of metadata', { metadataHex: 'abc' }],
    ['a description of 640 bytes', { description: 'a'.repeat(640) }],
    ['a description and its hash', { descriptionHashHex: HASH_HEX }],
    ['a timestamp of 36 bits', { timestampSeconds: 2 ** 35 }],
    ['a timestamp with a fraction', { timestampSeconds: 1.5 }],
    ['a negative expiry', { expirySeconds: -1 }],
    ['a final CLTV delta that is not a number', { minFinalCltvExpiryDelta: Number.NaN }],
    ['a hop with a short key', { routeHints: [[{ ...oneHop(), pubkeyHex: '02' }]] }],
    ['a hop with a fee of 33 bits', { routeHints: [[{ ...oneHop(), feeBaseMsat: 2 ** 32 }]] }],
    ['a route without hops', { routeHints: [[]] }],
    ['more routes than an invoice holds', { routeHints: Array.from({ length: 100 }, () => [oneHop()]) }],
    ['a fallback of an unknown version', { fallbackAddresses: [{ version: 19, programHex: 'ab'.repeat(20) }] }],
    ['a fallback of version 0 with 32 bits', { fallbackAddresses: [{ version: 0, programHex: 'ab'.repeat(4) }] }],
    ['a feature bit that is no number', { features: [8, 1.5] }],
    ['a feature bit beyond the field', { features: [5115] }],
  ])('%s is refused by name', (_what, change) => {
    expect(() => encodeInvoice({ ...simple, ...change }, FORGER_KEY)).toThrowError(
      expect.objectContaining({ code: 'INVOICE_NOT_ENCODABLE' }),
    );
  });

  it.each([new Uint8Array(31), new Uint8Array(32)])('a key that is none is refused by name', (key) => {
    expect(() => encodeInvoice(simple, key)).toThrowError(expect.objectContaining({ code: 'INVOICE_NOT_ENCODABLE' }));
  });
});

function oneHop(): NonNullable<InvoiceToEncode['routeHints']>[number][number] {
  return {
    pubkeyHex: FORGER_PUBKEY_HEX,
    shortChannelIdHex: '0000010000020003',
    feeBaseMsat: 1,
    feeProportionalMillionths: 2,
    cltvExpiryDelta: 40,
  };
}
