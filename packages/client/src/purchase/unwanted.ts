import type { ErrorCode } from '@satway/base';
import { hostWithPort } from '../l402-client/check-limits.js';
import type { ClientContext } from '../l402-client/context.js';

/** Why a call would not make a payment, as far as no budget is asked for that; `null` where nothing is against it. */
export function unwanted(
  context: Pick<ClientContext, 'maxPerRequestMsat' | 'admitsHost' | 'admitsPayee'>,
  { origin, totalMsat, payeeHex }: { readonly origin: string; readonly totalMsat: number; readonly payeeHex: string },
): ErrorCode | null {
  if (totalMsat > context.maxPerRequestMsat) return 'PRICE_ABOVE_LIMIT';
  if (!context.admitsHost(hostWithPort(origin))) return 'HOST_NOT_ALLOWED';
  return context.admitsPayee(payeeHex) ? null : 'PAYEE_NOT_ALLOWED';
}
