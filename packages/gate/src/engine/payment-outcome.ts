import type { ErrorCode } from '@satway/base';

/** Every answer to a request that carried a credential says what happened to the money (`X-Payment-Outcome`). */
export type PaymentOutcomeName = 'charged' | 'released' | 'refunded_to_balance' | 'not_charged';

export const PAYMENT_OUTCOME_HEADER = 'X-Payment-Outcome';
export const PAYMENT_CODE_HEADER = 'X-Payment-Code';

/** Codes of the error table go over the wire in lower case (`claim_in_progress`). */
export function wireCode(code: ErrorCode): string {
  return code.toLowerCase();
}

/**
 * The headers that say what happened to the money.
 *
 * @param code - where there is more to say: a code of the error table, written in lower case.
 */
export function outcomeHeaders(
  outcome: PaymentOutcomeName,
  code?: ErrorCode,
): readonly (readonly [name: string, value: string])[] {
  const headers: (readonly [string, string])[] = [[PAYMENT_OUTCOME_HEADER, outcome]];
  if (code !== undefined) headers.push([PAYMENT_CODE_HEADER, wireCode(code)]);
  return headers;
}
