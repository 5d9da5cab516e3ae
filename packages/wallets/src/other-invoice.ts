import { readOwnInvoice } from '@satway/protocol';
import type { FailedPayment, PayRequest, UnknownPayment } from './wallet.js';

/**
 * What becomes of a request whose invoice is not the one that was meant: a node pays what the invoice says. What cannot be read here, or names no amount, is the node's to refuse.
 *
 * @returns `null` where hash and amount are those of the request.
 */
export function refuseOtherInvoice(request: PayRequest): FailedPayment | UnknownPayment | null {
  const detail = findDifference(request);
  if (detail === null) return null;
  // An earlier request for this hash may have been another one.
  if (request.mayHaveBeenSentBefore === true) return { state: 'unknown', detail };
  return { state: 'failed', reason: 'rejected_before_sending', detail };
}

function findDifference({ invoice, paymentHashHex, amountMsat }: PayRequest): string | null {
  const read = readOwnInvoice(invoice);
  if (!read.ok) return null;
  if (read.value.paymentHashHex !== paymentHashHex) return 'The invoice has another payment hash.';
  const isAsked = read.value.amountMsat === null || read.value.amountMsat === BigInt(amountMsat);
  return isAsked ? null : 'The invoice has another amount.';
}
