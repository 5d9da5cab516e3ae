import { readOwnInvoice } from '@satway/protocol';
import { integerOf, type Json, textOf } from '../rest/index.js';
import type { LnbitsConnection } from './connection.js';
import { readPaymentList } from './payment-list.js';

/** What fits into one answer. */
const MOST = 400;

/** An invoice of the wallet that can still be paid. */
export interface OpenInvoice {
  readonly paymentHashHex: string;
  readonly lastsMs: number;
}

/**
 * The invoices of the wallet that can still be paid, by whatever process they were made, as far as they are among its last payments.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function readOpenInvoices(connection: LnbitsConnection): Promise<readonly OpenInvoice[]> {
  const { rows, walletNowMs } = await readPaymentList(connection, MOST);
  const nowMs = walletNowMs ?? Date.now();
  return rows.flatMap((row) => openInvoice(row, nowMs));
}

function openInvoice(row: Json, nowMs: number): OpenInvoice[] {
  if (textOf(row, 'status') !== 'pending' || (integerOf(row, 'amount') ?? 0) <= 0) return [];
  const read = readOwnInvoice(textOf(row, 'bolt11') ?? '');
  if (!read.ok || read.value.paymentHashHex !== textOf(row, 'payment_hash')) return [];
  const { paymentHashHex, expiresAtMs } = read.value;
  return expiresAtMs > nowMs ? [{ paymentHashHex, lastsMs: expiresAtMs - nowMs }] : [];
}
