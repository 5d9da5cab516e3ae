import { type Authorization, formatAuthorization, parseAuthorization } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mintedText, PREIMAGE } from '../fixture.js';

const TOKEN = mintedText();
const CREDENTIAL: Authorization = { kind: 'credential', scheme: 'L402', macaroonText: TOKEN, preimageHex: PREIMAGE };

function kindOf(...values: string[]): string {
  return parseAuthorization(values.flatMap((value) => ['Authorization', value])).kind;
}

describe('parseAuthorization', () => {
  it('finds the credential among other headers, whatever their case', () => {
    expect(parseAuthorization(['Host', 'a', 'AUTHORIZATION', `L402 ${TOKEN}:${PREIMAGE}`, 'X', 'y'])).toEqual(
      CREDENTIAL,
    );
    expect(parseAuthorization(['authorization', `l402 ${TOKEN}:${PREIMAGE.toUpperCase()}`])).toEqual(CREDENTIAL);
    expect(parseAuthorization(['authorization', ` L402 \t ${TOKEN}:${PREIMAGE}\t`])).toEqual(CREDENTIAL);
    expect(parseAuthorization(['authorization', `Lsat ${TOKEN}:${PREIMAGE}`])).toEqual({
      ...CREDENTIAL,
      scheme: 'LSAT',
    });
  });

  it('never takes the value of another header for a name', () => {
    expect(parseAuthorization(['X-Note', 'Authorization', 'Authorization', 'Bearer x'])).toEqual({
      kind: 'other',
      scheme: 'Bearer',
    });
    expect(parseAuthorization(['X-Note', 'Authorization', 'L402 x'])).toEqual({ kind: 'none' });
    expect(parseAuthorization(['Proxy-Authorization', `L402 ${TOKEN}:${PREIMAGE}`])).toEqual({ kind: 'none' });
    expect(parseAuthorization([])).toEqual({ kind: 'none' });
  });

  it.each([
    [[`L402 ${TOKEN}:${PREIMAGE}`, `L402 ${TOKEN}:${PREIMAGE}`]],
    [[`L402 ${TOKEN}:${PREIMAGE}`, 'Bearer x']],
    [['Bearer x', 'Bearer x']],
    [['', '']],
    [[`L402 ${TOKEN},${TOKEN}:${PREIMAGE}`]],
    [[`L402 ${TOKEN}:${PREIMAGE}, Bearer x`]],
    [[`L402 ${TOKEN}:${PREIMAGE}:${PREIMAGE}`]],
    [[`L402 ${TOKEN}:${PREIMAGE.slice(2)}`]],
    [[`L402 ${TOKEN}:${PREIMAGE}00`]],
    [[`L402 ${TOKEN}:${'zz'.repeat(32)}`]],
    [[`L402 ${TOKEN}: ${PREIMAGE}`]],
    [[`L402 ${TOKEN} :${PREIMAGE}`]],
    [[`L402 "${TOKEN}:${PREIMAGE}"`]],
    [[`L402 :${PREIMAGE}`]],
    [[`L402 ${TOKEN}`]],
    [['L402']],
    [['L402 ']],
    [[`L402,${TOKEN}:${PREIMAGE}`]],
    [[`L402 ${'A'.repeat(5465)}:${PREIMAGE}`]],
    [['']],
    [[' ']],
    [['=']],
    [['Payment']],
    [['Payment a b']],
    [[`Payment ${'A'.repeat(16_385)}`]],
    [[`\u017fsat ${TOKEN}:${PREIMAGE}`]],
  ])('refuses %j', (values) => {
    expect(kindOf(...values)).toBe('malformed');
  });

  it('hands on what is of another scheme', () => {
    expect(parseAuthorization(['Authorization', 'Basic dXNlcjpwYXNz'])).toEqual({ kind: 'other', scheme: 'Basic' });
    expect(parseAuthorization(['Authorization', 'payment e30'])).toEqual({ kind: 'payment', token: 'e30' });
    expect(parseAuthorization(['Authorization', 'L402x a:b'])).toEqual({ kind: 'other', scheme: 'L402x' });
  });

  it('repeats nothing of the credential in its details', () => {
    const parsed = parseAuthorization(['Authorization', `L402 ${TOKEN}::${PREIMAGE}`]);
    expect(parsed).toEqual({ kind: 'malformed', detail: 'The macaroon is not one base64 text.' });
  });

  it('answers any value', () => {
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => `L402 ${text}`),
      fc.string({ unit: 'binary' }).map((text) => `LSAT ${TOKEN}:${text}`),
    );
    fc.assert(
      fc.property(fc.array(values, { maxLength: 3 }), (all) => {
        expect(['none', 'credential', 'payment', 'other', 'malformed']).toContain(kindOf(...all));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['blanks', ' '.repeat(1_048_576)],
    ['colons', `L402 ${':'.repeat(1_048_576)}`],
    ['padding', `L402 ${'='.repeat(1_048_576)}:${PREIMAGE}`],
    ['blanks after the scheme', `L402${' '.repeat(1_048_576)}x`],
    ['a scheme without end', 'L'.repeat(1_048_576)],
  ])('comes to an end on a million %s', (_, value) => {
    expect(['malformed', 'other']).toContain(kindOf(value));
  });
});

describe('formatAuthorization', () => {
  it('writes the header to the letter', () => {
    expect(formatAuthorization('AgEE', PREIMAGE.toUpperCase())).toBe(
      'L402 AgEE:404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f',
    );
  });

  it('writes what is read again', () => {
    expect(parseAuthorization(['Authorization', formatAuthorization(TOKEN, PREIMAGE)])).toEqual(CREDENTIAL);
  });

  it.each([
    ['', PREIMAGE],
    ['a\r\nX-Evil: 1', PREIMAGE],
    ['a b', PREIMAGE],
    ['a,b', PREIMAGE],
    ['a"b', PREIMAGE],
    ['é', PREIMAGE],
    [TOKEN, 'short'],
    [TOKEN, `${PREIMAGE}\n`],
  ])('refuses %j with %j and does not repeat them', (token, preimage) => {
    expect(() => formatAuthorization(token, preimage)).toThrow(
      expect.objectContaining({
        code: 'CREDENTIAL_NOT_ENCODABLE',
        message: 'Token and preimage cannot be written into one header.',
      }),
    );
  });
});
