import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import { asObject, integerOf, type Json, textOf } from '../rest/index.js';
import type { LnbitsConnection } from './connection.js';
import { createInvoice } from './create-invoice.js';
import { refusedCall } from './lnbits-error.js';

/**
 * The network of the instance's node, which LNbits does not tell: that of the last payment over Lightning, else of an invoice of 1 sat.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_NOT_CONFIGURED` for a wallet that is shared from somebody else's: LNbits shows its payments to the other wallet
 * only, so none of them could be looked up.
 */
export async function learnNetwork(connection: LnbitsConnection, walletId: string): Promise<BitcoinNetwork> {
  const answer = await connection.ask('GET', '/payments?limit=20');
  const rows = answer.status === 200 ? rowsOf(answer.text) : null;
  if (rows === null) throw refusedCall('GET /api/v1/payments', answer);
  for (const row of rows) checkOwner(textOf(row, 'wallet_id'), walletId);
  return networkOfPayments(rows) ?? (await networkOfNewInvoice(connection, walletId));
}

/** Payments inside the instance, and what its operator credited, carry invoices of any network; the one over Lightning is named by its hash alone. */
function networkOfPayments(rows: readonly Json[]): BitcoinNetwork | null {
  for (const row of rows) {
    const isPaid = (integerOf(row, 'amount') ?? 0) < 0 && textOf(row, 'status') === 'success';
    if (!isPaid || textOf(row, 'checking_id') !== textOf(row, 'payment_hash')) continue;
    const read = readOwnInvoice(textOf(row, 'bolt11') ?? '');
    if (read.ok) return read.value.network;
  }
  return null;
}

async function networkOfNewInvoice(connection: LnbitsConnection, walletId: string): Promise<BitcoinNetwork> {
  const request = { amountMsat: 1000, description: 'Satway asks for the network', expirySeconds: 60 };
  const created = await createInvoice(connection, request, null);
  checkOwner(created.walletId, walletId);
  return created.network;
}

function checkOwner(rowWalletId: string | null, walletId: string): void {
  if (rowWalletId === walletId) return;
  throw new SatwayError('WALLET_NOT_CONFIGURED', {
    detail: 'The payments of this LNbits wallet belong to another one, which shares it. Use a wallet of its own.',
  });
}

function rowsOf(text: string): Json[] | null {
  try {
    const rows: unknown = JSON.parse(text);
    return Array.isArray(rows) ? rows.map((row) => asObject(row) ?? {}) : null;
  } catch {
    return null;
  }
}
