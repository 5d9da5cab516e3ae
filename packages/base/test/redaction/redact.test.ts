import { isSecretName, REDACTED, redact, redactText, SatwayError } from '@satway/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MACAROON =
  'AgEEbHNhdAJCAADKKk/nJ/quzxbs0TCobgiFxVQMBTdTQERQccBldVX9QoCBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6fAAIOc2VydmljZXM9c3ZjOjA=';
const PREIMAGE = '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f';

describe('redaction of text', () => {
  it.each([
    [`authorization was L402 ${MACAROON}:${PREIMAGE}`, `authorization was L402 ${REDACTED}`],
    [`LSAT ${MACAROON}:${PREIMAGE} refused`, `LSAT ${REDACTED} refused`],
    [`got ${MACAROON} back`, `got ${REDACTED} back`],
    ['connect nostr+walletconnect:abc?relay=wss://r&secret=00ff failed', `connect ${REDACTED} failed`],
    ['postgres://user:hunter22@db/satway', `postgres://${REDACTED}@db/satway`],
    [`{"preimage":"${PREIMAGE}"}`, `{"preimage":"${REDACTED}"}`],
    ['api_key=abcdef0123456789 and more', `api_key=${REDACTED} and more`],
    ['Basic dXNlcjpwYXNzd29yZDEyMw==', `Basic ${REDACTED}`],
  ])('takes the secret out of %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  it.each([
    'invoice lnbcrt50n1pj of 5000 msat, payment hash ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42',
    'GET /v1/forecast/berlin answered 402 in 3 ms',
    'https://example.org/path?q=1',
  ])('leaves %j as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('ends on a text of a megabyte that is made to be slow', () => {
    for (const piece of ['L402 ', 'a', 'token=', '0201', 'a://:', 'AgE']) {
      expect(redactText(piece.repeat(Math.ceil(1_000_000 / piece.length))).length).toBeGreaterThan(0);
    }
  });
});

describe('redaction of values', () => {
  it('drops every field with the name of a secret, however it is spelled', () => {
    for (const name of [
      'Authorization',
      'macaroonHex',
      'MACAROON',
      'preimage',
      'r_preimage',
      'X-Api-Key',
      'Set-Cookie',
      'password',
    ]) {
      expect(isSecretName(name)).toBe(true);
      expect(redact({ [name]: 'value' })).toEqual({ [name]: REDACTED });
    }
    expect(isSecretName('paymentHashHex')).toBe(false);
  });

  it('reaches into arrays, nested objects and the causes of errors', () => {
    const error = new SatwayError('INTERNAL', { cause: new TypeError(`bad header L402 ${MACAROON}:${PREIMAGE}`) });
    const text = JSON.stringify(redact({ list: [{ deep: { error } }] }));
    expect(text).toContain('INTERNAL');
    expect(text).toContain('TypeError');
    expect(text).not.toContain(PREIMAGE);
    expect(text).not.toContain(MACAROON);
  });

  it('shows bytes by their length, ends in cycles, and keeps a field called __proto__ a field', () => {
    const cycle: Record<string, unknown> = { bytes: new Uint8Array(3) };
    cycle['self'] = cycle;
    expect(redact(cycle)).toEqual({ bytes: '[3 bytes]', self: '[…]' });
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":"yes"}}');
    expect(JSON.stringify(redact(hostile))).toBe('{"__proto__":{"polluted":"yes"}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.anything(), (value) => void redact(value)));
  });
});
