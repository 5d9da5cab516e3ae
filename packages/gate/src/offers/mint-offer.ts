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
import type { Offer, OfferRequest } from './offer.js';

const TOKEN_RANDOMNESS_BYTES = 28;
/** How many times as long as its invoice a credential lives at least. */
const LIVES_PER_INVOICE = 3;

export interface MintOptions {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly keyRing: KeyRing;
  readonly nowMs: number;
  /** When the offer was asked for. */
  readonly askedAtMs: number;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Mints the macaroon that commits to an invoice and to the quote: who sells, at which price, until when. */
export function mintOffer(key: string, request: OfferRequest, invoice: CheckedInvoice, options: MintOptions): Offer {
  const { keyRing, askedAtMs, randomBytes } = options;
  const { priceMsat, uses } = request.price;
  const tokenId = keyRing.newTokenId(randomBytes(TOKEN_RANDOMNESS_BYTES));
  return {
    key,
    macaroonText: mintMacaroonText(request, invoice, tokenId, options),
    tokenId,
    keyRing,
    priceMsat,
    uses,
    invoice: invoice.invoice,
    paymentHashHex: invoice.paymentHashHex,
    invoiceExpiresAtMs: invoice.expiresAtMs,
    askedAtMs,
    isWithoutSecret: request.callerSecret === null,
  };
}

function mintMacaroonText(
  request: OfferRequest,
  invoice: CheckedInvoice,
  tokenId: Uint8Array,
  options: MintOptions,
): string {
  const { tenant, keyRing, nowMs } = options;
  const rootKey = keyRing.rootKey({ kind: 'l402', tenantId: tenant.id, tokenId }, nowMs);
  if (rootKey === null)
    throw new SatwayError('INTERNAL', { detail: 'The signing key does not verify.', fundsMoved: 'no' });
  const identifier = encodeIdentifier({ paymentHashHex: invoice.paymentHashHex, tokenId });
  const caveats = quoteOf(request, tenant, credentialExpiryMs(request.endpoint, invoice, nowMs), nowMs);
  return encodeMacaroonText(mintMacaroon({ rootKey, location: MACAROON_LOCATION, identifier, caveats }));
}

/**
 * An invoice lives a third of its credential at most, so that nobody pays for a dead one. Where the wallet gave it a longer life than was asked for, or its clock is ahead, it is the
 * credential that lives longer: a wallet that keeps to its own expiry sells all the same. An invoice of more than a third of the longest life that keys allow is refused before.
 */
function credentialExpiryMs({ credentialLifeMs }: CompleteEndpoint, invoice: CheckedInvoice, nowMs: number): number {
  const longEnoughMs = LIVES_PER_INVOICE * (invoice.expiresAtMs - nowMs);
  return nowMs + Math.max(credentialLifeMs, longEnoughMs);
}

function quoteOf(
  { endpoint, price }: OfferRequest,
  tenant: MintOptions['tenant'],
  expiresAtMs: number,
  nowMs: number,
): string[] {
  return mintedCaveats({
    tenantSlug: tenant.slug,
    tenantId: tenant.id,
    endpointId: endpoint.id,
    model: price.model,
    priceMsat: price.priceMsat,
    uses: price.uses,
    mintedAtMs: nowMs,
    expiresAtMs,
  });
}
