import type { PaymentFacts } from '@satway/gate';
import type { RequestHead } from './request-head.js';

/** What the origin is told about where a request came from. */
export interface Provenance {
  readonly callerAddress: string;
  readonly peerAddress: string;
  /** As the caller knows the gateway. */
  readonly publicHost: string;
  readonly publicProtocol: 'http' | 'https';
  readonly requestId: string;
}

/** The header lines of the request to the origin; `Host` is left to the connection, which knows the origin. */
export function originHeaders(head: RequestHead, from: Provenance, payment: PaymentFacts | null): string[] {
  const headers = head.forwarded;
  headers.push(
    'x-forwarded-for',
    from.callerAddress === from.peerAddress ? from.callerAddress : `${head.forwardedFor}, ${from.peerAddress}`,
    'x-forwarded-host',
    from.publicHost,
    'x-forwarded-proto',
    from.publicProtocol,
    'x-request-id',
    from.requestId,
  );
  if (payment !== null) headers.push(...paymentHeaders(payment));
  return headers;
}

/** What was paid, for the origin. */
function paymentHeaders(payment: PaymentFacts): string[] {
  return [
    'x-payment-hash',
    payment.paymentHashHex,
    'x-payment-sats',
    formatSats(payment.priceMsat),
    'x-payment-model',
    payment.model,
  ];
}

/** Millisatoshis in sats, exact: `5`, `0.25`. */
export function formatSats(amountMsat: number): string {
  const whole = Math.floor(amountMsat / 1_000);
  const rest = amountMsat % 1_000;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}
