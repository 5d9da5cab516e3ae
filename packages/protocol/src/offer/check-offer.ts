import { type DecodedInvoice, msatFromDecoded } from '../bolt11/index.js';
import type { CredentialTerms } from '../caveats/index.js';
import type { BitcoinNetwork } from '../network.js';
import { ok, type Refusal, type Result, refuse } from '../result.js';
import { type OfferedToken, readToken } from './token.js';

/**
 * Blocks, about two days. A payee can hold a payment back for as long as the final CLTV delta lasts; the defaults of common nodes are
 * 18 to 144, so what lies above this asks for days of the payer's money.
 */
export const DEFAULT_MAX_FINAL_CLTV = 288;

/** A 402's offer, taken apart, and what it is held against. */
export interface OfferToCheck {
  /** The challenge's token as it stood there, whatever its format. */
  readonly macaroonText: string;
  /** From `decodeInvoice`, which recovers the signer and refuses fractions of a millisatoshi. */
  readonly invoice: DecodedInvoice;
  /** The payer's wallet's network. */
  readonly network: BitcoinNetwork;
  readonly nowMs: number;
  /** What the challenge says beside the invoice; `null` where it says nothing. */
  readonly advertisedMsat: number | null;
  /** Blocks; default `DEFAULT_MAX_FINAL_CLTV`. */
  readonly maxFinalCltv?: number;
}

/** An offer that may be paid, as far as limits allow. */
export interface CheckedOffer {
  /** Of the decoded invoice, the only source of the price; positive. */
  readonly amountMsat: number;
  readonly paymentHashHex: string;
  readonly payeeHex: string;
  readonly invoiceExpiresAtMs: number;
  /** How long the invoice can still be paid, above 0. */
  readonly timeLeftMs: number;
  /** True when the token is in a format that cannot be read: nothing shows that it belongs to this payment. */
  readonly opaque: boolean;
  readonly credentialExpiresAtMs: number | null;
  /** What the token opens; `null` for opaque tokens and for macaroons with others' caveats. */
  readonly terms: CredentialTerms | null;
}

/**
 * Decides whether an offer may be paid, before any wallet is asked. The buyer's own limits come on top.
 *
 * @returns the offer, or `INVOICE_OTHER_NETWORK`, `INVOICE_EXPIRED`, `INVOICE_AMOUNTLESS`, `AMOUNT_OUT_OF_RANGE`, `OFFER_PRICE_MISMATCH`,
 *   `INVOICE_FINAL_CLTV_TOO_LARGE`, `OFFER_HASH_MISMATCH` or `OFFER_TOKEN_EXPIRES_FIRST`. Funds moved: no.
 */
export function checkOffer(offer: OfferToCheck): Result<CheckedOffer> {
  const amount = payableAmount(offer);
  if (!amount.ok) return amount;
  const token = readToken(offer.macaroonText);
  const refusal = refuseInvoice(offer) ?? refuseToken(offer.invoice, token);
  if (refusal !== null) return refusal;
  return ok({
    amountMsat: amount.value,
    paymentHashHex: offer.invoice.paymentHashHex,
    payeeHex: offer.invoice.payeeHex,
    invoiceExpiresAtMs: offer.invoice.expiresAtMs,
    timeLeftMs: offer.invoice.expiresAtMs - offer.nowMs,
    opaque: token === null,
    credentialExpiresAtMs: token?.expiresAtMs ?? null,
    terms: token?.terms ?? null,
  });
}

function payableAmount({ invoice, advertisedMsat }: OfferToCheck): Result<number> {
  if (invoice.amountMsat === null) return refuse('INVOICE_AMOUNTLESS', 'The payer would choose what to pay.');
  const amount = msatFromDecoded(invoice.amountMsat);
  if (!amount.ok || advertisedMsat === null || isAdvertised(amount.value, advertisedMsat)) return amount;
  return refuse(
    'OFFER_PRICE_MISMATCH',
    `Advertised are ${advertisedMsat} msat, the invoice asks for ${amount.value} msat.`,
  );
}

/**
 * Who sells for less than a satoshi can advertise only whole ones and rounds up, so an advertised number of whole satoshis also
 * stands for an invoice that is up to 999 msat below it. An invoice above what is advertised is never good, and a price that is
 * advertised in millisatoshis must be met exactly.
 */
function isAdvertised(amountMsat: number, advertisedMsat: number): boolean {
  if (advertisedMsat % 1000 !== 0) return amountMsat === advertisedMsat;
  return amountMsat <= advertisedMsat && amountMsat > advertisedMsat - 1000;
}

function refuseInvoice({
  invoice,
  network,
  nowMs,
  maxFinalCltv = DEFAULT_MAX_FINAL_CLTV,
}: OfferToCheck): Refusal | null {
  if (invoice.network !== network) {
    return refuse('INVOICE_OTHER_NETWORK', `The invoice is for ${invoice.network}, the wallet on ${network}.`);
  }
  // Written so that a clock that is not a number refuses.
  if (!(invoice.expiresAtMs > nowMs)) {
    return refuse('INVOICE_EXPIRED', `It expired ${nowMs - invoice.expiresAtMs} ms ago.`);
  }
  if (!(invoice.minFinalCltvExpiryDelta <= maxFinalCltv)) {
    const detail = `It may lock the payment for ${invoice.minFinalCltvExpiryDelta} blocks; the limit is ${maxFinalCltv}.`;
    return refuse('INVOICE_FINAL_CLTV_TOO_LARGE', detail);
  }
  return null;
}

function refuseToken(invoice: DecodedInvoice, token: OfferedToken | null): Refusal | null {
  if (token === null) return null;
  if (token.paymentHashHex !== invoice.paymentHashHex) {
    return refuse('OFFER_HASH_MISMATCH', 'The token names one payment hash, the invoice another.');
  }
  if (token.expiresAtMs !== null && token.expiresAtMs < invoice.expiresAtMs) {
    const detail = `The token expires ${invoice.expiresAtMs - token.expiresAtMs} ms before the invoice.`;
    return refuse('OFFER_TOKEN_EXPIRES_FIRST', detail);
  }
  return null;
}
