import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, type CredentialTerms, checkOffer, decodeInvoice, type Result } from '@satway/protocol';
import type { ExchangeResponse } from '@satway/egress';
import type { Target } from '../call/index.js';
import { type ReadChallenge, readChallenge } from './challenge-reader.js';
import { type AskedThing, isForOther, scopeOf, usesOf } from './scope.js';

/** A 402's offer after every check that can be made before money moves. */
export interface Offer {
  readonly invoice: string;
  readonly paymentHashHex: string;
  /** Of the decoded, signature-checked invoice: the only source of the price. */
  readonly amountMsat: number;
  /** The node that is paid: 66 hex digits. */
  readonly payeeHex: string;
  readonly description: string | null;
  readonly invoiceExpiresAtMs: number;
  readonly macaroonText: string;
  /** What the credential opens, as far as it tells: its endpoint, else this very URL. */
  readonly scope: string;
  readonly usesTotal: number | null;
  readonly credentialExpiresAtMs: number | null;
  /** True when the token is in a format that cannot be read, so that only the invoice was checked. */
  readonly opaque: boolean;
}

/** A 402 and where it came from. */
export interface ToRead {
  readonly answer: Pick<ExchangeResponse, 'rawHeaders' | 'body'>;
  readonly hop: { readonly target: Target };
}

/** What an offer is held against. */
export interface OfferLimits {
  readonly network: BitcoinNetwork;
  readonly nowMs: number;
  readonly maxChallengeBytes: number;
  /** Of the body that was asked with; a token for another one is refused where this is given. */
  readonly bodySha256Hex?: string;
}

/**
 * Reads and verifies a 402. Nothing of it is believed but what the signed invoice says.
 *
 * @throws {SatwayError} `OFFER_UNREADABLE`, `OFFER_PRICE_MISMATCH`, and the codes of `decodeInvoice` and `checkOffer`. Funds moved: no.
 */
export async function readOffer({ answer, hop }: ToRead, limits: OfferLimits): Promise<Offer> {
  return verifyOffer(await readChallenge(answer, limits.maxChallengeBytes), hop.target, limits);
}

/**
 * The same for a challenge that was read already, wherever it stood.
 *
 * @throws {SatwayError} `OFFER_UNREADABLE`, `OFFER_PRICE_MISMATCH`, and the codes of `decodeInvoice` and `checkOffer`. Funds moved: no.
 */
export function verifyOffer(
  { macaroonText, invoice, advertisedMsat }: ReadChallenge,
  target: Pick<Target, 'method' | 'url'>,
  {
    network,
    nowMs,
    argsDigestHex,
    bodySha256Hex,
  }: Omit<OfferLimits, 'maxChallengeBytes'> & { readonly argsDigestHex?: string },
): Offer {
  const decoded = valueOf(decodeInvoice(invoice));
  const checked = valueOf(checkOffer({ macaroonText, invoice: decoded, network, nowMs, advertisedMsat }));
  refuseDearerThanToken(checked.terms, checked.amountMsat);
  refuseOtherArguments(checked.terms, argsDigestHex);
  if (bodySha256Hex !== undefined) refuseOtherRequest(checked.terms, { ...target, bodySha256Hex });
  return {
    invoice,
    macaroonText,
    paymentHashHex: checked.paymentHashHex,
    amountMsat: checked.amountMsat,
    payeeHex: decoded.payeeHex,
    description: decoded.description,
    invoiceExpiresAtMs: checked.invoiceExpiresAtMs,
    scope: scopeOf(checked.terms, target),
    usesTotal: usesOf(checked.terms),
    credentialExpiresAtMs: checked.credentialExpiresAtMs,
    opaque: checked.opaque,
  };
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new SatwayError(result.code, { detail: result.detail });
}

/** A token that is bound to other arguments than these would be refused once it is paid. */
function refuseOtherArguments(terms: CredentialTerms | null, argsDigestHex: string | undefined): void {
  const bound = terms?.argsSha256Hex ?? null;
  if (argsDigestHex === undefined || bound === null || bound === argsDigestHex) return;
  throw new SatwayError('OFFER_UNREADABLE', { detail: 'The token is for other arguments.' });
}

function refuseOtherRequest(terms: CredentialTerms | null, asked: AskedThing): void {
  if (terms === null || !isForOther(terms, asked)) return;
  throw new SatwayError('OFFER_UNREADABLE', { detail: 'The token is for another body or query.' });
}

/** Our own tokens name their price: an invoice above it is a second reading of the price. */
function refuseDearerThanToken(terms: CredentialTerms | null, amountMsat: number): void {
  if (terms === null || amountMsat <= terms.priceMsat) return;
  throw new SatwayError('OFFER_PRICE_MISMATCH', {
    detail: `The token says ${terms.priceMsat} msat, the invoice asks for ${amountMsat} msat.`,
  });
}
