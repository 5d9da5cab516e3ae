import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { writeHandedToken } from '../../src/delegation/handed-token.js';
import { delegate, describeCredential } from '../../src/index.js';
import { ALL_CAVEATS, mintToken } from '../support/seller.js';

const PREIMAGE = 'ab'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const EXPIRES_AT_MS = 2_000_000_000_000;
const sold = (macaroonText: string) =>
  writeHandedToken({
    origin: 'https://api.example',
    macaroonText,
    preimageHex: PREIMAGE,
    announcedCaveats: ALL_CAVEATS,
  });
const ROOT = sold(mintToken({ paymentHashHex: HASH, uses: 9, priceMsat: 90_000, expiresAtMs: EXPIRES_AT_MS }));

describe('the description of a handed-over credential', () => {
  it('says what was bought', () => {
    expect(describeCredential(ROOT)).toEqual({
      ok: true,
      value: {
        origin: 'https://api.example',
        paymentHashHex: HASH,
        service: 'acme/item',
        model: 'per_request',
        usesAtMost: 9,
        maxSats: null,
        expiresAtMs: EXPIRES_AT_MS,
        method: null,
        pathPrefixes: [],
        grantsHex: [],
        announcedCaveats: ALL_CAVEATS,
      },
    });
  });

  it('says what is left of it several levels down', () => {
    let token = ROOT;
    for (const limits of [
      { uses: 5, maxSats: 80, pathPrefix: '/v1' },
      { uses: 2, method: 'GET' },
      { uses: 2, maxSats: 20, pathPrefix: '/v1/a' },
    ]) {
      const delegation = delegate(token, limits);
      token = delegation.ok ? delegation.token : '';
    }
    const description = describeCredential(token);
    expect(description).toMatchObject({
      ok: true,
      value: { usesAtMost: 2, maxSats: 20, method: 'GET', pathPrefixes: ['/v1', '/v1/a'] },
    });
    expect(description.ok && new Set(description.value.grantsHex).size).toBe(3);
    expect(JSON.stringify(description)).not.toContain(PREIMAGE);
  });

  it('says little of the formats of others, and nothing of what is no token', () => {
    expect(describeCredential(sold('opaque'))).toMatchObject({
      ok: true,
      value: { paymentHashHex: null, service: null, usesAtMost: null, expiresAtMs: null },
    });
    expect(describeCredential('opaque')).toMatchObject({ ok: false, code: 'CREDENTIAL_TOKEN_INVALID' });
  });
});
