import { SatwayError } from '@satway/base';
import {
  encodeIdentifier,
  encodeMacaroonText,
  type KeyRing,
  MACAROON_LOCATION,
  mintedCaveats,
  mintMacaroon,
} from '@satway/protocol';
import type { CompleteEndpoint } from '../routes/index.js';
import type { CheckedInvoice } from './issued-invoice.js';
import type { PaidPrice } from './offer.js';

const TOKEN_RANDOMNESS_BYTES = 28;

export interface MintRequest {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly endpoint: CompleteEndpoint;
  readonly price: PaidPrice;
  readonly invoice: CheckedInvoice;
  readonly keyRing: KeyRing;
  readonly nowMs: number;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Mints the macaroon that commits to an invoice and to the quote: who sells what, at which price, until when. */
export function mintForInvoice(request: MintRequest): { macaroonText: string; tokenId: Uint8Array } {
  const { tenant, endpoint, price, invoice, keyRing, nowMs } = request;
  const tokenId = keyRing.newTokenId(request.randomBytes(TOKEN_RANDOMNESS_BYTES));
  const rootKey = keyRing.rootKey({ kind: 'l402', tenantId: tenant.id, tokenId }, nowMs);
  if (rootKey === null)
    throw new SatwayError('INTERNAL', { detail: 'The signing key does not verify.', fundsMoved: 'no' });
  const caveats = mintedCaveats({
    tenantSlug: tenant.slug,
    tenantId: tenant.id,
    endpointId: endpoint.id,
    model: price.model,
    priceMsat: price.priceMsat,
    uses: price.uses,
    mintedAtMs: nowMs,
    expiresAtMs: nowMs + endpoint.credentialLifeMs,
  });
  const identifier = encodeIdentifier({ paymentHashHex: invoice.paymentHashHex, tokenId });
  const macaroon = mintMacaroon({ rootKey, location: MACAROON_LOCATION, identifier, caveats });
  return { macaroonText: encodeMacaroonText(macaroon), tokenId };
}
