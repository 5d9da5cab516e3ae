import { isHex64 } from '../bytes/index.js';
import { EXTENSION_PREFIX } from '../names.js';
import { PAYMENT_OUTCOMES, type PaymentOutcomeWord, readPaymentCode } from '../payment-outcome.js';
import { own } from './own.js';

/** Where a result says what became of the money. */
export const TOOL_RECEIPT_KEY = `${EXTENSION_PREFIX}/receipt`;

/** As `X-Payment-Outcome` says it of an HTTP call. */
export type ToolPaymentOutcome = PaymentOutcomeWord;

/** Never carries the preimage. */
export interface ToolReceipt {
  readonly paymentHashHex: string;
  /** What this call cost; 0 where it was not charged. */
  readonly amountMsat: number;
  readonly outcome: ToolPaymentOutcome;
  /** Where there is more to say: a code of the error table in lower case. */
  readonly code: string | null;
}

export function formatToolReceipt({
  paymentHashHex,
  amountMsat,
  outcome,
  code,
}: ToolReceipt): Readonly<Record<string, string | number>> {
  return { version: 1, paymentHash: paymentHashHex, amountMsat, outcome, ...(code === null ? {} : { code }) };
}

/** The receipt in a result's `_meta`; `null` where there is none that can be read. It is the seller's word and proves nothing. */
export function parseToolReceipt(meta: unknown): ToolReceipt | null {
  const found = own(meta, TOOL_RECEIPT_KEY);
  const paymentHashHex = own(found, 'paymentHash');
  const amountMsat = own(found, 'amountMsat');
  const outcome = PAYMENT_OUTCOMES.find((known) => known === own(found, 'outcome'));
  const code = own(found, 'code');
  if (typeof paymentHashHex !== 'string' || !isHex64(paymentHashHex) || outcome === undefined) return null;
  if (typeof amountMsat !== 'number' || !Number.isSafeInteger(amountMsat) || amountMsat < 0) return null;
  return {
    paymentHashHex,
    amountMsat,
    outcome,
    code: typeof code === 'string' ? readPaymentCode(code) : null,
  };
}
