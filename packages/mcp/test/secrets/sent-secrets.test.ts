import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSentSecrets } from '../../src/secrets/index.js';

const PREIMAGE = '0fa5'.repeat(16);
const MACAROON = Buffer.from(Array.from({ length: 120 }, (_, index) => (index * 89 + 251) % 256)).toString('base64');
const BYTES = Buffer.from(MACAROON, 'base64');

const knowing = (...values: unknown[]) => {
  const secrets = createSentSecrets();
  for (const value of values) secrets.note(value);
  return secrets;
};

describe('the proofs of payment that were sent', () => {
  it.each([
    ['the header whole', `L402 ${MACAROON}:${PREIMAGE}`],
    ['hex in small letters', PREIMAGE],
    ['hex in capitals', PREIMAGE.toUpperCase()],
    ['hex in both', PREIMAGE.replaceAll('a', 'A')],
    ['hex between other digits', `00${PREIMAGE}ff`],
    ['the preimage in base64', Buffer.from(PREIMAGE, 'hex').toString('base64')],
    ['the macaroon', MACAROON],
    ['without its padding', MACAROON.replace(/=+$/, '')],
    ['in the other alphabet', BYTES.toString('base64url')],
    ['in hex', BYTES.toString('hex')],
    ['in hex capitals', BYTES.toString('hex').toUpperCase()],
    ['with slashes as JSON may write them', MACAROON.replaceAll('/', String.raw`\/`)],
    ['as a URL writes it', encodeURIComponent(MACAROON)],
  ])('are recognised: %s', (_, written) => {
    const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`);
    expect(secrets.strip(`<a> ${written} <b>`)).toMatch(/^<a> (?:L402 |00)?\[redacted\](?::\[redacted\]|ff|=)? <b>$/);
    expect(createSentSecrets().strip('<a> 1 <b>')).toBe('<a> 1 <b>');
  });

  it('are found in values of JSON, also where those are in base64', () => {
    const inner = Buffer.from(JSON.stringify({ payload: { preimage: PREIMAGE } })).toString('base64url');
    for (const secrets of [knowing({ credential: { preimage: PREIMAGE } }), knowing(`Payment ${inner}`)]) {
      expect(secrets.strip(PREIMAGE)).toBe('[redacted]');
    }
  });

  it('are recognised by their form where nobody noted them', () => {
    const { strip } = createSentSecrets();
    expect(strip(`see satway_credential_v1_${'Ab0_'.repeat(30)}.`)).toBe('see [redacted].');
    expect(strip(`authorization: LSAT ${MACAROON}:${PREIMAGE}`)).toBe('authorization: LSAT [redacted]');
  });

  it('leave everything else as it is: what was paid for may hold tokens of its own', () => {
    const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`);
    for (const text of ['{"token":"sk_live_0123456789abcdef"}', 'ab'.repeat(32), 'L402 short', '']) {
      expect(secrets.strip(text)).toBe(text);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => secrets.strip(text) === text));
  });

  it('are remembered as long as many newer ones are not there, and no value that a stranger writes pushes them out', () => {
    const secrets = knowing(PREIMAGE);
    const many = Array.from({ length: 1000 }, (_, index) => `token-number-${index}`.padEnd(20, '-'));
    secrets.note(many.join(' '));
    secrets.note(Buffer.from(JSON.stringify(many)).toString('base64'));
    let deep: unknown = 'x'.repeat(40);
    for (let depth = 0; depth < 5000; depth++) deep = [deep];
    secrets.note(deep);
    expect(secrets.strip(PREIMAGE)).toBe('[redacted]');
    for (const each of many) secrets.note(each);
    expect(secrets.strip(PREIMAGE)).toBe(PREIMAGE);
  });
});
