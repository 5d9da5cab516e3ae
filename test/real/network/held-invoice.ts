import { createHash, randomBytes } from 'node:crypto';
import type { LndNode } from './lnd.js';
import type { AddedInvoice } from './payments.js';

export interface HeldInvoice extends AddedInvoice {
  settle(): Promise<unknown>;
  cancel(): Promise<unknown>;
}

/** A held invoice: its payer's money is locked in until the seller decides. */
export async function addHeldInvoice(seller: LndNode, amountMsat: number, expirySeconds = 3_600): Promise<HeldInvoice> {
  const preimage = randomBytes(32);
  const hash = createHash('sha256').update(preimage).digest();
  const { payment_request } = await seller.call<{ payment_request: string }>('POST', '/v2/invoices/hodl', {
    hash: hash.toString('base64'),
    value_msat: String(amountMsat),
    expiry: String(expirySeconds),
  });
  return {
    invoice: payment_request,
    paymentHashHex: hash.toString('hex'),
    paymentHashBase64: hash.toString('base64'),
    settle: () => seller.call('POST', '/v2/invoices/settle', { preimage: preimage.toString('base64') }),
    cancel: () => seller.call('POST', '/v2/invoices/cancel', { payment_hash: hash.toString('base64') }),
  };
}
