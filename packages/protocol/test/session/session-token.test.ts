import { createHmac } from 'node:crypto';
import {
  createKeyRing,
  decodeSessionToken,
  deriveRootKey,
  encodeSessionToken,
  type SessionClaims,
  verifySessionToken,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyRing, MASTER, NOW_MS, TENANT_ID } from '../fixture.js';

const KEY = deriveRootKey({ master: MASTER, kind: 'session', tenantId: TENANT_ID, salt: new Uint8Array(32) });
const CLAIMS: SessionClaims = {
  kid: 'ef58775f',
  sid: '5d1f0c2b-3a49-4857-9665-748392a1b0cf',
  tenant: TENANT_ID,
  endpoint: 'forecast',
  exp: 1_795_263_600_000,
};
const TOKEN = encodeSessionToken(CLAIMS, KEY);
const RING = keyRing();

/** A token with any payload, signed with the right key. */
function signed(payload: string): string {
  const part = Buffer.from(payload).toString('base64url');
  return `${part}.${createHmac('sha256', KEY).update(`session:${part}`).digest('hex')}`;
}

function isGood(text: string, nowMs = NOW_MS, ring = RING): boolean {
  return verifySessionToken(text, ring, nowMs).ok;
}

describe('a session token', () => {
  it('holds until the millisecond that it names', () => {
    expect(verifySessionToken(TOKEN, RING, NOW_MS)).toEqual({ ok: true, value: CLAIMS });
    expect(isGood(TOKEN, CLAIMS.exp - 1)).toBe(true);
    expect(isGood(TOKEN, CLAIMS.exp)).toBe(false);
    expect(isGood(TOKEN, Number.NaN)).toBe(false);
  });

  it('holds only under the key that it names', () => {
    const other = createKeyRing([{ secret: Buffer.alloc(32, 1), createdAtMs: 0, verifyUntilMs: null }]);
    const retired = createKeyRing([
      { secret: MASTER, createdAtMs: 0, verifyUntilMs: NOW_MS - 1 },
      { secret: Buffer.alloc(32, 1), createdAtMs: 1, verifyUntilMs: null },
    ]);
    expect([isGood(TOKEN, NOW_MS, other), isGood(TOKEN, NOW_MS, retired)]).toEqual([false, false]);
    const foreign = encodeSessionToken({ ...CLAIMS, tenant: '00000000-0000-4000-8000-000000000001' }, KEY);
    expect(decodeSessionToken(foreign).ok).toBe(true);
    expect(isGood(foreign)).toBe(false);
  });

  it('does not hold with any one character changed', () => {
    fc.assert(
      fc.property(fc.nat(TOKEN.length - 1), fc.constantFrom(...'abcdefABCDEF0123456789-_.=+/ '), (at, letter) => {
        fc.pre(TOKEN.charAt(at) !== letter);
        expect(isGood(`${TOKEN.slice(0, at)}${letter}${TOKEN.slice(at + 1)}`)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  const json = JSON.stringify(CLAIMS);
  it('is good where the test’s own signature is', () => {
    expect(signed(json)).toBe(TOKEN);
  });

  it.each([
    ['another order of keys', JSON.stringify(Object.fromEntries(Object.entries(CLAIMS).toReversed()))],
    ['a key twice', json.replace('{', '{"exp":9,')],
    ['a key more', json.replace('}', ',"x":1}')],
    ['a key less', JSON.stringify({ ...CLAIMS, sid: undefined })],
    ['a blank', json.replace('{', '{ ')],
    ['an expiry as text', json.replace(String(CLAIMS.exp), `"${CLAIMS.exp}"`)],
    ['an expiry with an exponent', json.replace(String(CLAIMS.exp), '1e15')],
    ['a fraction of a millisecond', json.replace(String(CLAIMS.exp), '1795263600000.5')],
    ['an expiry above 2^53', json.replace(String(CLAIMS.exp), '9007199254740993')],
    ['a kid in upper case', json.replace('ef58775f', 'EF58775F')],
    ['a tenant that is no UUID', json.replace(TENANT_ID, 'acme')],
    ['an endpoint with a slash', json.replace('forecast', 'fore/cast')],
    ['an empty session id', json.replace(CLAIMS.sid, '')],
    ['a prototype', json.replace('"sid"', '"__proto__"')],
    ['no object', '[]'],
    ['null', 'null'],
    ['no JSON', '{'],
  ])('does not hold with %s, however well signed', (_, payload) => {
    expect(decodeSessionToken(signed(payload))).toMatchObject({ ok: false, code: 'SESSION_REFUSED' });
    expect(isGood(signed(payload))).toBe(false);
  });

  it('of any text gives a value', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map(signed),
      fc.string().map((text) => `${text}.${'0'.repeat(64)}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(isGood(text)).toBe(false);
      }),
    );
    for (const text of ['A'.repeat(1_048_576), '.'.repeat(1_048_576), `${'A'.repeat(1_048_576)}.${'0'.repeat(64)}`]) {
      expect(isGood(text)).toBe(false);
    }
  });
});
