import { isSatwayError } from '@satway/base';
import { isInHand, listRecords, readRecord } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';

/** A payment that was sent from here and of which nothing on disk says how it ended. */
export interface OpenPayment {
  readonly paymentHashHex: string;
  /** `null` where it is damaged. */
  readonly record: PaymentRecord | null;
  /** A living process is paying it now. */
  readonly inHand: boolean;
}

/** Reads what is open, makes nothing and asks nobody. @throws {SatwayError} `PURCHASE_STORE_UNUSABLE`, `PROCESS_LOCK_FAILED`. */
export function listOpenPayments(folder: string): OpenPayment[] {
  return listRecords(folder).flatMap((paymentHashHex) => {
    const record = readUnlessDamaged(folder, paymentHashHex);
    if (record !== null && record.state !== 'sending') return [];
    return [{ paymentHashHex, record, inHand: isInHand(folder, paymentHashHex) }];
  });
}

function readUnlessDamaged(folder: string, paymentHashHex: string): PaymentRecord | null {
  try {
    return readRecord(folder, paymentHashHex);
  } catch (error) {
    if (isSatwayError(error, 'PAYMENT_UNKNOWN')) return null;
    throw error;
  }
}
