import { asObject, type Json } from '../rest/index.js';
import type { LnbitsConnection } from './connection.js';
import { refusedCall } from './lnbits-error.js';

/** The last payments of the wallet, in and out, newest first; failed ones are not among them. */
export interface PaymentList {
  readonly rows: readonly Json[];
  /** The instance's own clock; `null` where it tells none. */
  readonly walletNowMs: number | null;
}

/** To list them makes LNbits look none of them up. @throws {SatwayError} the codes of `InvoiceIssuer`. */
export async function readPaymentList(connection: LnbitsConnection, limit: number): Promise<PaymentList> {
  const answer = await connection.ask('GET', `/payments?limit=${limit}`);
  const rows = answer.status === 200 ? rowsOf(answer.text) : null;
  if (rows === null) throw refusedCall('GET /api/v1/payments', answer);
  return { rows, walletNowMs: answer.walletNowMs };
}

function rowsOf(text: string): Json[] | null {
  try {
    const rows: unknown = JSON.parse(text);
    return Array.isArray(rows) ? rows.map((row) => asObject(row) ?? {}) : null;
  } catch {
    return null;
  }
}
