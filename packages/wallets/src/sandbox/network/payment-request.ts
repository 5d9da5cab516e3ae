import type { PaymentRecord } from '../ledger/index.js';
import type { ReplyFault } from './fault.js';

/** What routing nodes take: `baseMsat` plus so many millionths of the amount, rounded down. */
export interface RoutingFee {
  readonly baseMsat: number;
  readonly proportionalMillionths: number;
}

export interface PaymentToSend {
  readonly invoice: string;
  /** Only for an invoice without an amount. */
  readonly amountMsat: number | null;
  readonly feeLimitMsat: number;
}

/** Why a node does not begin a payment. None of these says that an earlier payment of the same hash failed. */
export type SendRefusal =
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'otherNetwork' }
  | { readonly kind: 'expired'; readonly expiresAtMs: number }
  | { readonly kind: 'amountMissing' }
  | { readonly kind: 'amountGiven' }
  | { readonly kind: 'selfPayment' }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'inTransition' };

export type SendStart =
  | { readonly ok: true; readonly payment: PaymentRecord; readonly reply: ReplyFault }
  | { readonly ok: false; readonly refusal: SendRefusal };
