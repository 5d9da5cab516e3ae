import { isSecretName, REDACTED, redact, redactText, SatwayError } from '@satway/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MACAROON =
  'AgEEbHNhdAJCAADKKk/nJ/quzxbs0TCobgiFxVQMBTdTQERQccBldVX9QoCBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6fAAIOc2VydmljZXM9c3ZjOjA=';
const LND_MACAROON_HEX =
  '0201036c6e640258030a10b1c2d3e4f5061728394a5b6c7d8e9f001201301a160a0761646472657373120472656164120577726974650000062000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const LND_MACAROON_BASE64 =
  'AgEDbG5kAlgDChCxwtPk9QYXKDlKW2x9jp8AEgEwGhYKB2FkZHJlc3MSBHJlYWQSBXdyaXRlAAAGIAARIjNEVWZ3iJmqu8zd7v8AESIzRFVmd4iZqrvM3e7/';
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
    // phoenixd: Basic with the empty user name, `:hunter2` and `:x1`.
    ['got Basic Omh1bnRlcjI= back', `got Basic ${REDACTED} back`],
    ['{"Authorization":"Basic Ongx"}', `{"Authorization":"${REDACTED}"}`],
    ['authorization: hunter2, next', `authorization: ${REDACTED}, next`],
    ['PHOENIXD_PASSWORD=p@ss!', `PHOENIXD_PASSWORD=${REDACTED}`],
    ['http-password=6c6f6e67', `http-password=${REDACTED}`],
    ['http://:hunter2@127.0.0.1:9740/getinfo', `http://${REDACTED}@127.0.0.1:9740/getinfo`],
    // LNbits
    ['X-Api-Key: 5eb63bbbe01eeed093cb22bb8f5acdc3', `X-Api-Key: ${REDACTED}`],
    ["'x-api-key': '5eb63bbbe01eeed093cb22bb8f5acdc3'", `'x-api-key': '${REDACTED}'`],
    ['LNBITS_ADMIN_KEY=5eb63bbbe01eeed093cb22bb8f5acdc3', `LNBITS_ADMIN_KEY=${REDACTED}`],
    ['LNBITS_INVOICE_KEY=5eb63bbbe01eeed093cb22bb8f5acdc3', `LNBITS_INVOICE_KEY=${REDACTED}`],
    [
      '{"adminkey":"5eb63bbbe01eeed093cb22bb8f5acdc3","inkey":"b22bb8f5"}',
      `{"adminkey":"${REDACTED}","inkey":"${REDACTED}"}`,
    ],
    // NWC
    [`{"uri":"nostr+walletconnect://${PREIMAGE}?relay=wss%3A%2F%2Fr&secret=00ff"}`, `{"uri":"${REDACTED}"}`],
    ['NOSTRWALLETCONNECT:abc?secret=00ff', REDACTED],
    ['?uri=nostr%2Bwalletconnect%3A%2F%2Fabc%3Fsecret%3D00ff', `?uri=${REDACTED}`],
    [`relay said secret=${PREIMAGE}`, `relay said secret=${REDACTED}`],
    ['key nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5', `key ${REDACTED}`],
    // LND
    [`LND_MACAROON=${LND_MACAROON_HEX}`, `LND_MACAROON=${REDACTED}`],
    [`Grpc-Metadata-Macaroon: ${LND_MACAROON_HEX.toUpperCase()}`, `Grpc-Metadata-Macaroon: ${REDACTED}`],
    [`macaroonHex: '${LND_MACAROON_HEX}'`, `macaroonHex: '${REDACTED}'`],
    [`sent ${LND_MACAROON_HEX}.`, `sent ${REDACTED}.`],
    [`sent _${LND_MACAROON_BASE64}!`, `sent _${REDACTED}!`],
  ])('takes the secret out of %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  it.each([
    'invoice lnbcrt50n1pj of 5000 msat, payment hash ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42',
    'GET /v1/forecast/berlin answered 402 in 3 ms',
    'https://example.org/path?q=1',
    'LND_MACAROON_FILE=/run/secrets/macaroon, PHOENIXD_PASSWORD_FILE=/run/secrets/password',
    'password: ${PHOENIXD_PASSWORD}',
    'Basic authentication with the empty user name; the wallet wants a password',
    'Authorization: ${AUTHORIZATION}',
    'macaroonFile: ./invoice.macaroon',
    'node 02eec7245d6b7d2ccb30380bfbe2a3648cd7a942653f5aa340edcea1f283686619',
  ])('leaves %j as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('ends on a text of a megabyte that is made to be slow', () => {
    for (const piece of [
      'L402 ',
      'a',
      'token=',
      '0201',
      'a://:',
      'AgE',
      'Basic Og',
      'authorization: ',
      'nsec1',
      'password=',
      'a.',
      'a-',
      'a+b://',
      '://a:b',
      '://',
      'authorization=Bearer   ',
      'authorization   ',
      'satway_credential_v1_.',
      'passphrase = "',
    ]) {
      expect(redactText(piece.repeat(Math.ceil(1_000_000 / piece.length))).length).toBeGreaterThan(0);
    }
    for (const head of ['a', 'authorization=', '://a:', 'AgE', '0201', 'satway_credential_v1_', 'token']) {
      for (const unit of ['a', ' ', '.', '0', ':', '=', '-']) {
        expect(redactText(`${head}${unit.repeat(1_000_000)}\n`).length).toBeGreaterThan(0);
      }
    }
  });

  it('takes the password out of an address, however its scheme is spelled', () => {
    expect(redactText(`${'x'.repeat(100)}+tls://user:hunter22@db`)).toBe(`${'x'.repeat(100)}+tls://${REDACTED}@db`);
    expect(redactText('a://b://user:hunter22@db')).toBe(`a://b://${REDACTED}@db`);
  });

  it('leaves out what is behind the first million characters, and does not give up over more', () => {
    const text = `${'token=0123456789 '.repeat(1000)}${'a1'.repeat(5_000_000)} token=0123456789`;
    const redacted = redactText(text);
    expect(redacted.length).toBeLessThan(1_100_000);
    expect(redacted).not.toContain('0123456789');
    expect(redacted).toMatch(/a1\[… \d+ more\]$/);
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
      'LND_MACAROON',
      'macaroonBase64',
      'LNBITS_ADMIN_KEY',
      'LNBITS_INVOICE_KEY',
      'adminkey',
      'inkey',
      'PHOENIXD_PASSWORD',
      'http-password-limited-access',
      'NWC_URI',
    ]) {
      expect(isSecretName(name)).toBe(true);
      expect(redact({ [name]: 'value' })).toEqual({ [name]: REDACTED });
    }
    expect(isSecretName('paymentHashHex')).toBe(false);
  });

  it('drops the secret of every wallet’s settings', () => {
    const key = '5eb63bbbe01eeed093cb22bb8f5acdc3';
    expect(redact({ kind: 'lnd', url: 'https://n', macaroonHex: 'x' })).toMatchObject({ macaroonHex: REDACTED });
    expect(redact({ kind: 'lnbits', url: 'https://n', key })).toEqual({
      kind: 'lnbits',
      url: 'https://n',
      key: REDACTED,
    });
    expect(redact({ kind: 'phoenixd', password: 'x' })).toEqual({ kind: 'phoenixd', password: REDACTED });
    expect(redact({ kind: 'nwc', uri: 'nostr+walletconnect://a?secret=b' })).toEqual({ kind: 'nwc', uri: REDACTED });
    expect(redact({ key: 'GET /v1/forecast' }), 'other keys stay').toEqual({ key: 'GET /v1/forecast' });
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
