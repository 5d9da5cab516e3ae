import { isSatwayError, redactText } from '@satway/base';
import { readRecord } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';
import { unknownPayment } from './unknown-payment.js';

/**
 * Does what may pay or look up an invoice, and lets no error say that no funds moved while an earlier request for it may be alive: whatever stopped this run (a wallet that is
 * down, a limit, an invoice that has expired) says nothing of that one. What settled before is told as such, though no wallet answers.
 *
 * @param whenSettled - what is said then, from its record.
 * @throws {SatwayError} `PAYMENT_UNKNOWN` with the failure as its cause, where something is open on disk; else what `work` throws.
 */
export async function whileOpen<T>(
  folder: string,
  paymentHashHex: string,
  work: () => Promise<T>,
  whenSettled: (record: PaymentRecord) => T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isSatwayError(error, 'PAYMENT_UNKNOWN') || isSatwayError(error, 'PURCHASE_UNDER_WAY')) throw error;
    const record = recordAfter(error, folder, paymentHashHex);
    if (record?.state === 'settled') return whenSettled(record);
    if (record === null || record.state !== 'sending') throw error;
    throw unknownPayment({ paymentHashHex }, `It was sent before, and this run ended early: ${sayOf(error)}`, error);
  }
}

function recordAfter(error: unknown, folder: string, paymentHashHex: string): PaymentRecord | null {
  try {
    return readRecord(folder, paymentHashHex);
  } catch (unreadable) {
    if (isSatwayError(unreadable, 'PAYMENT_UNKNOWN')) throw unreadable;
    // A folder that cannot be read is what stopped the run, or holds nothing that this run could have sent.
    throw error;
  }
}

function sayOf(error: unknown): string {
  if (isSatwayError(error)) return `${error.code}: ${error.message}`;
  return redactText(error instanceof Error ? error.message : String(error));
}
