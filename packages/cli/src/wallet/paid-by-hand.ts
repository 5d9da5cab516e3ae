import type { PaidElsewhere } from '@satway/client';
import { readRecord } from './direct-payment/index.js';

/**
 * What `satway wallet pay` has to do with a payment hash; `null` where it never sent it, or where that failed for certain.
 *
 * @param folder - of direct payments.
 * @throws {SatwayError} `PAYMENT_UNKNOWN` where its record is damaged; `PURCHASE_STORE_UNUSABLE`.
 */
export function paidByHand(folder: string, paymentHashHex: string): PaidElsewhere | null {
  const record = readRecord(folder, paymentHashHex);
  if (record === null || record.state === 'failed') return null;
  const isPaid = record.state === 'settled';
  const end = isPaid ? 'was paid' : 'may have been paid';
  return { detail: `It ${end} with "satway wallet pay".`, fundsMoved: isPaid ? 'yes' : 'unknown' };
}
