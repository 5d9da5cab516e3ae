import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import { checkInvoiceRequest, type Json, readIssuedInvoice, textOf } from '../rest/index.js';
import type { InvoiceRequest, IssuedInvoice } from '../wallet.js';
import type { LnbitsConnection } from './connection.js';
import { invalid, refusedCall } from './lnbits-error.js';

/** What a field of BOLT11 can hold; LNbits would cut a longer one. */
const LONGEST_DESCRIPTION = 639;

/**
 * Has the wallet issue an invoice, and reads it back. The answer carries the preimage, which is left there.
 *
 * @param network - the only one to accept; `null` accepts any.
 * @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_REFUSED` before anything is sent for what LNbits would round or cut.
 */
export async function createInvoice(
  connection: LnbitsConnection,
  request: InvoiceRequest,
  network: BitcoinNetwork | null,
): Promise<{ readonly issued: IssuedInvoice; readonly network: BitcoinNetwork; readonly walletId: string | null }> {
  const answer = await connection.ask('POST', '/payments', invoiceBody(request));
  const { json } = answer;
  if (answer.status !== 201 || json === null) throw refusedCall('POST /api/v1/payments', answer);
  const told = { invoice: textOf(json, 'bolt11') ?? '', paymentHashHex: textOf(json, 'payment_hash') ?? '' };
  const created = readIssuedInvoice(told, request, network);
  checkDescription(created.issued.invoice, request);
  return { ...created, walletId: textOf(json, 'wallet_id') };
}

/** Without `out: false` the same call is a payment. */
function invoiceBody(request: InvoiceRequest): Json {
  checkInvoiceRequest(request);
  const { amountMsat, description, expirySeconds } = request;
  if (amountMsat % 1000 !== 0) throw refused('LNbits issues invoices in whole satoshis only.');
  if (Buffer.byteLength(description) > LONGEST_DESCRIPTION) throw refused('A description has at most 639 bytes.');
  return { out: false, unit: 'sat', amount: amountMsat / 1000, memo: description, expiry: expirySeconds };
}

/** LNbits replaces an empty description by its own title. What stands behind it may give its invoices an expiry of its own, which is for the seller to judge. */
function checkDescription(invoice: string, { description }: InvoiceRequest): void {
  if (description === '') return;
  const read = readOwnInvoice(invoice);
  if (!read.ok || read.value.description !== description) throw invalid('The new invoice has another description.');
}

function refused(detail: string): SatwayError {
  return new SatwayError('WALLET_REFUSED', { detail });
}
