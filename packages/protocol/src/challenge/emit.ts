import { SatwayError } from '@satway/base';

/** What a 402 offers. */
export interface OfferedInvoice {
  readonly macaroonText: string;
  readonly invoice: string;
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const BECH32 = /^[A-Za-z0-9]+$/;

/**
 * The first `WWW-Authenticate` line of a 402, to the letter: deployed clients break on any other order or spacing.
 *
 * Both values must be base64 and bech32, so that nothing in them needs quoting and none can end the line.
 *
 * @throws {SatwayError} `CHALLENGE_NOT_ENCODABLE`. Funds moved: no.
 */
export function formatL402Challenge({ macaroonText, invoice }: OfferedInvoice): string {
  if (!BASE64.test(macaroonText) || !BECH32.test(invoice)) throw new SatwayError('CHALLENGE_NOT_ENCODABLE');
  return `L402 macaroon="${macaroonText}", invoice="${invoice}", version="0", token="${macaroonText}"`;
}

/** What the body of a 402 says; the invoice is exact, satoshis are rounded up. */
export interface ChallengeBodyInput extends OfferedInvoice {
  readonly paymentHashHex: string;
  readonly amountMsat: number;
  /** When the invoice can no longer be paid. */
  readonly expiresAtMs: number;
}

/** `application/problem+json` (RFC 9457) with, at top level, what older clients look for. */
export function challengeBody(input: ChallengeBodyInput): Record<string, string | number> {
  const { macaroonText, invoice, paymentHashHex, amountMsat, expiresAtMs } = input;
  const sats = Math.ceil(amountMsat / 1000);
  return {
    type: 'https://paymentauth.org/problems/payment-required',
    title: 'Payment Required',
    status: 402,
    detail: `Pay the invoice, then send the same request with "Authorization: L402 <macaroon>:<preimage>".`,
    error: 'Payment Required',
    code: 'payment_required',
    macaroon: macaroonText,
    invoice,
    paymentRequest: invoice,
    paymentHash: paymentHashHex,
    amountSats: sats,
    priceSats: sats,
    price_sats: sats,
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
}
