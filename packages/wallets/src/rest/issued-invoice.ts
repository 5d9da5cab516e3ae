import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import type { InvoiceRequest, IssuedInvoice } from '../wallet.js';

/** @throws {SatwayError} `WALLET_REFUSED` for an amount or an expiry that is no positive safe integer. */
export function checkInvoiceRequest({ amountMsat, expirySeconds }: InvoiceRequest): void {
  const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  if (isPositive(amountMsat) && isPositive(expirySeconds)) return;
  throw new SatwayError('WALLET_REFUSED', { detail: 'Amount and expiry must be positive whole numbers.' });
}

/**
 * Reads back what a wallet issued: the invoice must be what was asked for, whatever the other fields of the answer say.
 *
 * @param told - what the wallet said beside the invoice; `paymentHashHex` is compared where there is one.
 * @param network - the only one to accept; `null` accepts any.
 * @throws {SatwayError} `WALLET_ANSWER_INVALID`, and `WALLET_NETWORK_MISMATCH`.
 */
export function readIssuedInvoice(
  told: { readonly invoice: string; readonly paymentHashHex: string | null },
  request: InvoiceRequest,
  network: BitcoinNetwork | null,
): { readonly issued: IssuedInvoice; readonly network: BitcoinNetwork } {
  const { invoice } = told;
  const read = readOwnInvoice(invoice);
  if (!read.ok) throw invalid('cannot be read');
  const { paymentHashHex, amountMsat, timestampSeconds, expiresAtMs } = read.value;
  if (told.paymentHashHex !== null && told.paymentHashHex !== paymentHashHex) throw invalid('has another payment hash');
  if (amountMsat !== BigInt(request.amountMsat)) throw invalid('has another amount');
  if (network !== null && network !== read.value.network) {
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `It is on ${read.value.network}.` });
  }
  const createdAtMs = timestampSeconds * 1000;
  const issued = { invoice, paymentHashHex, amountMsat: request.amountMsat, createdAtMs, expiresAtMs };
  return { issued, network: read.value.network };
}

function invalid(what: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `The new invoice ${what}.` });
}
