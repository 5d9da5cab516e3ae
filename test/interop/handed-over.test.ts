import { delegate, describeCredential, fetchWithCredential } from '@satway/client';
import { describe, expect, it } from 'vitest';
import { openClient } from './support/buyer.js';
import { type OfferParts, startForeignSeller } from './support/foreign-seller.js';
import { openLightning } from './support/lightning.js';
import { apertureToken, opaqueToken } from './support/tokens.js';

const write = ({ token, invoice }: OfferParts) => ({ lines: [`LSAT macaroon="${token}", invoice="${invoice}"`] });

const mints: readonly (readonly [name: string, mint: (paymentHashHex: string) => string])[] = [
  ['a macaroon', (paymentHashHex) => apertureToken(paymentHashHex)],
  ['an opaque token', () => opaqueToken()],
];

describe.each(mints)('what was bought from a seller of another make, with %s', (_, mint) => {
  it('is handed over whole, since nobody knows what that seller enforces', async () => {
    const lightning = openLightning();
    const seller = await startForeignSeller({ seller: lightning.seller, write, mint });
    const bought = await openClient(lightning.buyer).obtain(`${seller.url}/thing`);
    expect(bought).toMatchObject({ usesLeft: null, announcedCaveats: null, cost: { paidMsat: 5_000 } });
    expect(delegate(bought, { uses: 1 })).toMatchObject({ ok: false, code: 'DELEGATION_IMPOSSIBLE' });
    expect(describeCredential(bought.token)).toMatchObject({
      ok: true,
      value: { origin: seller.url, usesAtMost: null },
    });
    expect(seller.authorizations).toEqual([]);
    const result = await fetchWithCredential(`${seller.url}/thing`, bought.token);
    expect(result).toMatchObject({ ok: true, use: { outcome: null } });
    expect(result.ok && (await result.response.json())).toEqual({ served: true });
    expect(lightning.paidMsat()).toEqual([5_000]);
  });
});
