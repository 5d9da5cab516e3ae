import type { PaymentOutcome } from '../../wallet.js';
import { isCredentialRefusal, type LndErrorBody, wordsOf } from '../lnd-error.js';

/**
 * What LND says of a request that it looks at and puts aside, before it looks for the payment hash in its records. Each was heard from a real node, and is recorded: a text
 * that nobody has heard proves nothing.
 */
export const REFUSED_BEFORE_SENDING: readonly RegExp[] = [
  /^invoice not for current active network /,
  /^amount must be specified when paying a zero amount invoice$/,
  /^amount must not be specified when paying a non-zero amount invoice$/,
  /^checksum failed\. /,
  /^self-payments not allowed$/,
  /^proto: .*unknown field /,
];
const EXPIRED = /^invoice expired\. Valid until /;

/** A refusal is proof only when this hash was never sent before: LND looks at the expiry before it looks at the hash. */
export function outcomeOfRefusal(error: LndErrorBody, isFirstRequest: boolean): PaymentOutcome {
  const { message } = error;
  const detail = `LND: ${wordsOf(error)}`;
  if (!isFirstRequest) return unknown(detail);
  if (EXPIRED.test(message)) return { state: 'failed', reason: 'expired', detail };
  const isRefused = isCredentialRefusal(error) || REFUSED_BEFORE_SENDING.some((pattern) => pattern.test(message));
  return isRefused ? { state: 'failed', reason: 'rejected_before_sending', detail } : unknown(detail);
}

export function unknown(detail: string): PaymentOutcome {
  return { state: 'unknown', detail };
}
