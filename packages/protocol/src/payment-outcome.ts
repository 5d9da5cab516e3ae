import { errorTable } from '@satway/base';

/** What a seller says happened to the money (`X-Payment-Outcome`). */
export const PAYMENT_OUTCOMES = ['charged', 'released', 'refunded_to_balance', 'not_charged'] as const;
export type PaymentOutcomeWord = (typeof PAYMENT_OUTCOMES)[number];

/** As far as it can be passed on: `other` for every word that is none of these, since whoever was sent a secret may say it there. */
export type ToldPaymentOutcome = PaymentOutcomeWord | 'other';

/** The word of a header; `null` where there is none. */
export function readPaymentOutcome(header: string | null): ToldPaymentOutcome | null {
  if (header === null) return null;
  return PAYMENT_OUTCOMES.find((word) => word === header) ?? 'other';
}

/** Codes of the error table go over the wire in lower case. */
const WIRE_CODES: ReadonlySet<string> = new Set(Object.keys(errorTable).map((code) => code.toLowerCase()));

/** What a seller adds (`X-Payment-Code`), where it is a code of the error table; `null` for everything else, which may be anything. */
export function readPaymentCode(header: string | null): string | null {
  return header !== null && WIRE_CODES.has(header) ? header : null;
}
