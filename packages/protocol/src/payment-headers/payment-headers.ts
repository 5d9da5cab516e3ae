/** What stands before a name without changing what it is for. */
const BEFORE = /^(?:x-|accept-)+/;

/** Headers that carry a payment, a proof of one, or what was bought, whatever the scheme; alone or with something behind. */
const PAYMENT = /^(?:payment|l402|lsat|x?402|cashu|e-?cash|fedimint|preimage|macaroon)(?:-|$)/;

/** Under these exact names: shorter ones are used for much else. */
const EXACT: ReadonlySet<string> = new Set([
  'grpc-metadata-macaroon',
  'x-session-token',
  'x-session-expires',
  'x-session-balance',
  'x-session-cost',
]);

/** A payment's scheme where one stands. Deployed sellers look for the two of L402 anywhere in the header. */
const SCHEME = /(?:^|[\s,])(?:l402|lsat)(?:\s|$)|(?:^|,)\s{0,99}(?:payment|x402|cashu|e-?cash)(?:\s|$)/i;

/**
 * Whether a header of this name carries a payment, so that only whoever pays may set it. Many servers read `_` as `-`.
 *
 * `Authorization` is none of them: what its value is decides, see `isPaymentAuthorization`.
 */
export function isPaymentHeader(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return EXACT.has(plain) || PAYMENT.test(plain.replace(BEFORE, ''));
}

/** Whether the value of an `Authorization` header is a payment's, and not one by which a caller says who they are. */
export function isPaymentAuthorization(value: string): boolean {
  return SCHEME.test(value);
}
