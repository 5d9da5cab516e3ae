import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatToolChallenge,
  formatToolCredential,
  formatToolPrice,
  formatToolReceipt,
  parseToolChallenge,
  parseToolCredential,
  parseToolPrice,
  parseToolReceipt,
  toolPriceSentence,
} from '../../src/index.js';

const HASH = '0001020304050607080900010203040506070809000102030405060708090102';
const challenge = {
  token: 'AgEGc2F0d2F5',
  invoice: 'lnbcrt50n1pjx',
  paymentHashHex: HASH,
  amountMsat: 5_000,
  expiresAtMs: 1_790_000_000_000,
  resource: 'mcp://weather/forecast',
  argsDigestHex: null,
};
const written = {
  version: 1,
  scheme: 'L402',
  token: 'AgEGc2F0d2F5',
  invoice: 'lnbcrt50n1pjx',
  paymentHash: HASH,
  amountMsat: 5_000,
  expiresAt: '2026-09-21T14:13:20.000Z',
  resource: 'mcp://weather/forecast',
};
const inMeta = (fields: object) => ({ 'dev.satway/challenge': fields });

describe('the challenge of a priced tool', () => {
  it('is written and read as the wire says', () => {
    expect(formatToolChallenge(challenge)).toEqual(written);
    expect(parseToolChallenge(inMeta(written))).toEqual({ ok: true, value: challenge });
    const bound = { ...challenge, argsDigestHex: HASH };
    expect(parseToolChallenge(inMeta(formatToolChallenge(bound)))).toEqual({ ok: true, value: bound });
  });

  it.each([[undefined], [null], [{}], ['text'], [[written]], [{ 'dev.satway/price': written }]])(
    'is not there in %j',
    (meta) => {
      expect(parseToolChallenge(meta)).toBeNull();
    },
  );

  it('is not taken from what a result inherits', () => {
    expect(parseToolChallenge(Object.create(inMeta(written)))).toBeNull();
    expect(parseToolChallenge(JSON.parse(`{"__proto__":${JSON.stringify(inMeta(written))}}`))).toBeNull();
  });

  it.each([
    ['no object', 'lnbc1'],
    ['another version', { ...written, version: 2 }],
    ['another scheme', { ...written, scheme: 'Payment' }],
    ['no token', { ...written, token: undefined }],
    ['a token with a line end', { ...written, token: 'AgEG\r\nc2F0' }],
    ['an invoice that is a list', { ...written, invoice: ['lnbc1'] }],
    ['a hash in upper case', { ...written, paymentHash: 'AB'.repeat(32) }],
    ['an amount of 0', { ...written, amountMsat: 0 }],
    ['an amount as text', { ...written, amountMsat: '5000' }],
    ['half a millisatoshi', { ...written, amountMsat: 0.5 }],
    ['an amount that no number holds', { ...written, amountMsat: 2 ** 53 }],
    ['no expiry', { ...written, expiresAt: 'soon' }],
    ['a day that is none', { ...written, expiresAt: '2026-13-45T00:00:00Z' }],
    ['a digest that is none', { ...written, argsDigest: 'abc' }],
    ['a resource with spaces', { ...written, resource: 'mcp://a b' }],
    ['a token without end', { ...written, token: 'A'.repeat(10_000) }],
  ])('is refused with %s', (_, fields) => {
    expect(parseToolChallenge(inMeta(fields as object))).toMatchObject({ ok: false, code: 'OFFER_UNREADABLE' });
  });
});

describe('the proof of payment of a tool call', () => {
  it('is written and read as the wire says', () => {
    const proof = { token: 'AgEGc2F0d2F5', preimageHex: HASH };
    expect(formatToolCredential({ ...proof, preimageHex: HASH.toUpperCase() })).toEqual({
      token: 'AgEGc2F0d2F5',
      preimage: HASH,
    });
    expect(
      parseToolCredential({ 'dev.satway/credential': { token: 'AgEGc2F0d2F5', preimage: HASH.toUpperCase() } }),
    ).toEqual(proof);
  });

  it('is nothing, or malformed, but never a guess', () => {
    expect(parseToolCredential({})).toBeNull();
    for (const found of [
      'x',
      {},
      { token: 'A' },
      { token: 'A', preimage: 'ab' },
      { token: '', preimage: HASH },
      { token: 'A b', preimage: HASH },
    ]) {
      expect(parseToolCredential({ 'dev.satway/credential': found })).toBe('malformed');
    }
  });
});

describe('receipt and price of a tool', () => {
  it('are written and read as the wire says', () => {
    const receipt = { paymentHashHex: HASH, amountMsat: 5_000, outcome: 'charged', code: null } as const;
    expect(formatToolReceipt(receipt)).toEqual({
      version: 1,
      paymentHash: HASH,
      amountMsat: 5_000,
      outcome: 'charged',
    });
    expect(parseToolReceipt({ 'dev.satway/receipt': formatToolReceipt(receipt) })).toEqual(receipt);
    const released = { ...receipt, amountMsat: 0, outcome: 'released', code: 'upstream_failed_retryable' } as const;
    expect(parseToolReceipt({ 'dev.satway/receipt': formatToolReceipt(released) })).toEqual(released);
    // 64 hex digits may be the preimage.
    for (const code of ['ab'.repeat(32), 'UPSTREAM_FAILED_RETRYABLE', '__proto__', 'constructor', 1]) {
      const said = { ...formatToolReceipt(released), code };
      expect(parseToolReceipt({ 'dev.satway/receipt': said })).toEqual({ ...released, code: null });
    }
    const price = { model: 'per_request', amountMsat: 1_500, uses: 10 } as const;
    expect(formatToolPrice(price)).toEqual({ version: 1, model: 'per_request', amountMsat: 1_500, uses: 10 });
    expect(parseToolPrice({ 'dev.satway/price': formatToolPrice(price) })).toEqual(price);
  });

  it('are nothing where they cannot be read', () => {
    expect(
      parseToolReceipt({ 'dev.satway/receipt': { paymentHash: HASH, amountMsat: -1, outcome: 'charged' } }),
    ).toBeNull();
    expect(
      parseToolReceipt({ 'dev.satway/receipt': { paymentHash: HASH, amountMsat: 1, outcome: 'paid' } }),
    ).toBeNull();
    expect(parseToolPrice({ 'dev.satway/price': { model: 'per_request', amountMsat: 0 } })).toBeNull();
    expect(parseToolPrice({ 'dev.satway/price': { model: 'constructor', amountMsat: 1 } })).toBeNull();
  });

  it.each([
    [{ model: 'per_request', amountMsat: 1_000, uses: 1 }, 'Costs 1 sat for each call.'],
    [{ model: 'per_request', amountMsat: 5_000, uses: 1 }, 'Costs 5 sats for each call.'],
    [{ model: 'per_request', amountMsat: 1_500, uses: 10 }, 'Costs 1.5 sats for 10 calls.'],
  ] as const)('say in a sentence what %j costs', (price, sentence) => {
    expect(toolPriceSentence(price)).toBe(sentence);
  });
});

describe('every reader of _meta', () => {
  it('answers any value with a value', () => {
    const keys = ['challenge', 'credential', 'receipt', 'price'].map((name) => `dev.satway/${name}`);
    const meta = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...keys), fc.anything()));
    fc.assert(
      fc.property(meta, (value) => {
        for (const parse of [parseToolChallenge, parseToolCredential, parseToolReceipt, parseToolPrice]) {
          expect(() => parse(value)).not.toThrow();
        }
      }),
    );
  });
});
