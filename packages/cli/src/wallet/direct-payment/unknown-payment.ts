import { SatwayError } from '@satway/base';
import type { Bill } from '../bill.js';

/** The error of a payment of which nobody knows the end, with how to look it up. */
export function unknownPayment(
  { paymentHashHex }: Pick<Bill, 'paymentHashHex'>,
  detail: string,
  cause?: unknown,
): SatwayError {
  return new SatwayError('PAYMENT_UNKNOWN', {
    detail: `${detail} To look it up: satway wallet look-up ${paymentHashHex}`,
    facts: { paymentHashHex },
    cause,
  });
}
