import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import { integerOf, type Json, textOf } from '../rest/index.js';
import type { LnbitsConnection } from './connection.js';
import { createInvoice } from './create-invoice.js';
import { readPaymentList } from './payment-list.js';

/** What stands in the list of a wallet's payments for whoever asks the same later. */
const MEMO = 'Satway asks for the network';
const ASKED_MSAT = 1000;
/** For so long nobody has to ask again: LNbits lists an unpaid invoice until it has expired. */
const REMEMBERED_SECONDS = 3600;

/**
 * The network of the instance's node as far as the wallet's payments tell it, since LNbits does not: that of the last payment over Lightning, or of the invoice that was made to find
 * out. Creates nothing.
 *
 * @returns `null` where neither is there.
 * @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_NOT_CONFIGURED` for a wallet that is shared from somebody else's: LNbits shows its payments to the other wallet
 * only, so none of them could be looked up.
 */
export async function readNetwork(connection: LnbitsConnection, walletId: string): Promise<BitcoinNetwork | null> {
  const { rows } = await readPaymentList(connection, 20);
  for (const row of rows) checkOwner(textOf(row, 'wallet_id'), walletId);
  const telling = rows.filter(isOfTheNode);
  return networkOf(telling.find(isPaid)) ?? networkOf(telling.find(isAsking));
}

/** The network of an invoice of 1 sat that is made for this. Throws as above. */
export async function askNetwork(connection: LnbitsConnection, walletId: string): Promise<BitcoinNetwork> {
  const request = { amountMsat: ASKED_MSAT, description: MEMO, expirySeconds: REMEMBERED_SECONDS };
  const created = await createInvoice(connection, request, null);
  checkOwner(created.walletId, walletId);
  return created.network;
}

/** Payments inside the instance carry invoices of any network; what goes over Lightning is named by its hash alone. */
function isOfTheNode(row: Json): boolean {
  return textOf(row, 'checking_id') === textOf(row, 'payment_hash');
}

function isPaid(row: Json): boolean {
  return (integerOf(row, 'amount') ?? 0) < 0 && textOf(row, 'status') === 'success';
}

/** Other invoices of the wallet do not count: what an operator credits has one of no node at all. */
function isAsking(row: Json): boolean {
  const isOurs = textOf(row, 'memo') === MEMO && integerOf(row, 'amount') === ASKED_MSAT;
  return isOurs && textOf(row, 'status') !== 'failed';
}

function networkOf(row: Json | undefined): BitcoinNetwork | null {
  const read = readOwnInvoice(textOf(row ?? {}, 'bolt11') ?? '');
  return read.ok ? read.value.network : null;
}

function checkOwner(rowWalletId: string | null, walletId: string): void {
  if (rowWalletId === walletId) return;
  throw new SatwayError('WALLET_NOT_CONFIGURED', {
    detail: 'The payments of this LNbits wallet belong to another one, which shares it. Use a wallet of its own.',
  });
}
