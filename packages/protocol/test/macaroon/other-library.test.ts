import { encodeMacaroon } from '@satway/protocol';
import * as fc from 'fast-check';
import { importMacaroon } from 'macaroon';
import { describe, expect, it } from 'vitest';
import { keyRing, minted, NOW_MS, TENANT_ID, TOKEN_ID } from '../fixture.js';

const ROOT_KEY =
  keyRing().rootKey({ kind: 'l402', tenantId: TENANT_ID, tokenId: TOKEN_ID }, NOW_MS) ?? new Uint8Array(0);

/** Throws when the signature is wrong; gives back the caveats it saw. */
function verifyElsewhere(bytes: Uint8Array, rootKey: Uint8Array): string[] {
  const seen: string[] = [];
  importMacaroon(bytes).verify(rootKey, (caveat) => {
    seen.push(caveat);
    return null;
  });
  return seen;
}

describe('what is minted here', () => {
  it('verifies in another implementation, narrowed or not', () => {
    const caveats = fc.array(
      fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((cap) => `n_uses=${cap}`),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(caveats, (added) => {
        const seen = verifyElsewhere(encodeMacaroon(minted(added)), ROOT_KEY);
        expect(seen.slice(8)).toEqual(added);
        expect(seen[0]).toBe('services=acme/forecast:0');
      }),
      { numRuns: 30 },
    );
  });

  it('does not verify there under another key, or with a byte changed', () => {
    const bytes = Buffer.from(encodeMacaroon(minted()));
    expect(() => verifyElsewhere(bytes, new Uint8Array(32))).toThrow('signature mismatch');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => verifyElsewhere(bytes, ROOT_KEY)).toThrow('signature mismatch');
  });
});
