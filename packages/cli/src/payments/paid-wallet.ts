import { SatwayError } from '@satway/base';
import type { Purchase } from '@satway/client';
import { decodeInvoice } from '@satway/protocol';
import type { InvoicePayer } from '@satway/wallets';

/** The wallet that has paid, as far as using what it paid for needs one: it is known by name, and there is nothing behind it that could pay. */
export function walletThatPaid({ walletId, invoice }: Purchase): InvoicePayer {
  const decoded = decodeInvoice(invoice);
  if (!decoded.ok)
    throw new SatwayError('PURCHASE_STORE_FAILED', { detail: 'The invoice of the purchase is damaged.' });
  const notThere = () =>
    Promise.reject(new SatwayError('WALLET_NOT_CONFIGURED', { detail: 'No wallet is asked here.' }));
  return {
    identity: walletId,
    network: decoded.value.network,
    refusesSecondPayment: false,
    feeCeilingMsat: () => 0,
    pay: notThere,
    lookUp: notThere,
    balance: notThere,
  };
}
