import { createHash, randomBytes } from 'node:crypto';
import { redact, redactText } from '@satway/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHandedToken, writeHandedToken } from '../../src/delegation/handed-token.js';
import { mintToken } from '../support/seller.js';

// The credential of the wire format's vectors.
const MACAROON =
  'AgEGc2F0d2F5AkIAAMoqT+cn+q7PFuzRMKhuCIXFVAwFN1NARFBxwGV1Vf1C71h3X4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpsAAhhzZXJ2aWNlcz1hY21lL2ZvcmVjYXN0OjAAAi50ZW5hbnRfaWQ9NmYxYzJkMzQtNWU2Zi00YTdiLThjOWQtMGUxZjJhM2I0YzVkAAIUZW5kcG9pbnRfaWQ9Zm9yZWNhc3QAAhFtb2RlbD1wZXJfcmVxdWVzdAACD3ByaWNlX21zYXQ9NTAwMAACBnVzZXM9MQACF21pbnRlZF9hdD0xNzk1MjYwMDAwMDAwAAIYZXhwaXJlc19hdD0xNzk1MjYzNjAwMDAwAAAGIMWfbKj6EV7wK5CxPBXqejyZktZ0ri/2eBFhyix148Fb';
const PREIMAGE = '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f';
const CREDENTIAL = {
  origin: 'https://api.example',
  macaroonText: MACAROON,
  preimageHex: PREIMAGE,
  announcedCaveats: ['grant', 'n_uses'],
};
const TOKEN = writeHandedToken(CREDENTIAL);
const PREFIX = 'satway_credential_v1_';

/** A token around any content, its checksum right. */
function tokenOf(content: unknown): string {
  const part = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url');
  return `${PREFIX}${part}.${createHash('sha256').update(part).digest('hex').slice(0, 16)}`;
}

const PLAIN = { origin: 'https://api.example', macaroon: MACAROON, preimage: PREIMAGE, caveats: ['grant', 'n_uses'] };
const refused = { ok: false, code: 'CREDENTIAL_TOKEN_INVALID' };

describe('a handed-over credential', () => {
  it('is one string of visible characters that holds all of it', () => {
    expect(TOKEN).toBe(tokenOf(PLAIN));
    expect(TOKEN).toMatch(/^satway_credential_v1_[A-Za-z0-9_-]+\.[0-9a-f]{16}$/);
    expect(readHandedToken(TOKEN)).toEqual({ ok: true, value: CREDENTIAL });
    expect(readHandedToken(` ${TOKEN}\n`)).toEqual({ ok: true, value: CREDENTIAL });
  });

  it('says where nothing was announced', () => {
    const silent = { ...CREDENTIAL, announcedCaveats: null };
    expect(readHandedToken(writeHandedToken(silent))).toEqual({ ok: true, value: silent });
  });

  it("can be of somebody else's format", () => {
    const foreign = { ...CREDENTIAL, macaroonText: 'eyJhbGciOi.opaque.token', announcedCaveats: null };
    expect(readHandedToken(writeHandedToken(foreign))).toEqual({ ok: true, value: foreign });
  });

  it('holds whatever a challenge can', () => {
    const long = { ...CREDENTIAL, macaroonText: 'a'.repeat(65_536), announcedCaveats: null };
    expect(readHandedToken(writeHandedToken(long))).toEqual({ ok: true, value: long });
  });

  it.each([
    ['is no text', 17],
    ['is nothing', ''],
    ['has no prefix', TOKEN.slice(PREFIX.length)],
    ['is of a later version', TOKEN.replace('_v1_', '_v2_')],
    ['lacks its end', TOKEN.slice(0, -1)],
    ['lacks a part of its middle', TOKEN.slice(0, 100) + TOKEN.slice(104)],
    ['has one character changed', TOKEN.replace(/.(?=\.)/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['has another checksum', TOKEN.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['is much too long', tokenOf({ ...PLAIN, macaroon: 'a'.repeat(100_000) })],
    ['holds no JSON', tokenOf('{')],
    ['holds nothing', tokenOf(null)],
    ['has another field beside', tokenOf({ ...PLAIN, also: 1 })],
    ['has its fields in another order', tokenOf(Object.fromEntries(Object.entries(PLAIN).toReversed()))],
    ['has __proto__ as a field', tokenOf(`{"__proto__":${JSON.stringify(PLAIN)}}`)],
    ['has a path behind its origin', tokenOf({ ...PLAIN, origin: 'https://api.example/' })],
    ['has an origin in capitals', tokenOf({ ...PLAIN, origin: 'https://API.example' })],
    ['names the usual port', tokenOf({ ...PLAIN, origin: 'https://api.example:443' })],
    ['has a user in its origin', tokenOf({ ...PLAIN, origin: 'https://me@api.example' })],
    ['has no http origin', tokenOf({ ...PLAIN, origin: 'ftp://api.example' })],
    ['has the origin of no URL', tokenOf({ ...PLAIN, origin: 'null' })],
    ['has a preimage in capitals', tokenOf({ ...PLAIN, preimage: PREIMAGE.toUpperCase() })],
    ['has a short preimage', tokenOf({ ...PLAIN, preimage: PREIMAGE.slice(2) })],
    ['has the preimage of another payment', tokenOf({ ...PLAIN, preimage: 'ab'.repeat(32) })],
    ['has a macaroon that would end the header', tokenOf({ ...PLAIN, macaroon: 'abc\r\nX: y' })],
    ['has a macaroon of two words', tokenOf({ ...PLAIN, macaroon: 'abc, Bearer x' })],
    ['announces no list', tokenOf({ ...PLAIN, caveats: 'grant' })],
    ['announces what is no name', tokenOf({ ...PLAIN, caveats: ['n_uses=3'] })],
    ['announces without end', tokenOf({ ...PLAIN, caveats: Array.from({ length: 65 }, (_, n) => `c${n}`) })],
  ])('is refused where it %s', (_, text) => {
    expect(readHandedToken(text)).toMatchObject(refused);
  });

  it('is nothing that a parser falls over, and never repeated in a refusal', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => tokenOf(text)),
      fc.jsonValue().map((value) => tokenOf(value)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const read = readHandedToken(text);
        expect(read.ok).toBe(false);
        if (!read.ok && text.length > 60) expect(read.detail).not.toContain(text);
      }),
      { numRuns: 300 },
    );
  });

  it('comes back as it was written, whatever it holds', () => {
    const credentials = fc.record({
      origin: fc.webUrl({ validSchemes: ['http', 'https'] }).map((url) => new URL(url).origin),
      announcedCaveats: fc.option(fc.array(fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/), { maxLength: 20 })),
      preimageHex: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    });
    fc.assert(
      fc.property(credentials, (some) => {
        const paymentHashHex = createHash('sha256').update(Buffer.from(some.preimageHex, 'hex')).digest('hex');
        const credential = { ...some, macaroonText: mintToken({ paymentHashHex }) };
        expect(readHandedToken(writeHandedToken(credential))).toEqual({ ok: true, value: credential });
      }),
      { numRuns: 50 },
    );
  });

  it('is in no log, whether under a name or in the middle of a text', () => {
    const preimageHex = randomBytes(32).toString('hex');
    const opaque = writeHandedToken({ ...CREDENTIAL, macaroonText: 'opaque', preimageHex });
    for (const token of [TOKEN, opaque]) {
      expect(JSON.stringify(redact({ token, note: `use ${token} now`, list: [token] }))).not.toContain(
        token.slice(30, 60),
      );
      expect(redactText(`the agent was given ${token}, and used it`)).toBe(
        'the agent was given [redacted], and used it',
      );
    }
  });
});
