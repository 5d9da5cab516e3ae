import type { InvoicePayer } from '@satway/wallets';
import type { Bill } from '../bill.js';

/** A payment that a person asks for. */
export interface DirectPayment {
  readonly bill: Bill;
  readonly wallet: InvoicePayer;
  readonly feeLimitMsat: number;
  /** Where records are kept. */
  readonly folder: string;
  readonly nowMs: number;
  readonly timeoutMs: number;
  /** The last question before anything is sent; `false` ends it without a payment. */
  readonly approve: () => Promise<boolean>;
  /**
   * Throws where something else pays this hash. Asked once the payment is on disk and before it is sent: whatever writes its own payment down first and looks here then,
   * never sends one invoice together with this.
   */
  readonly refusePaidElsewhere: () => void;
  /** Told once the payment is on disk and before it is sent. */
  readonly onSending: () => void;
}

/** A payment that settled: now, or by an earlier run. */
export interface PaidBill {
  readonly state: 'settled';
  readonly amountMsat: number;
  readonly feeMsat: number;
  /** `null` where the wallet does not tell it any more; it is not kept here. */
  readonly preimageHex: string | null;
  readonly paidBefore: boolean;
  /** What was wrong with the wallet's figures; `null` where nothing was. */
  readonly warning: string | null;
}

/** What became of it, where it is known. */
export type DirectPaymentEnd = PaidBill | { readonly state: 'declined' };
