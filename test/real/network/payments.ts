import type { LndNode } from './lnd.js';
import { parseJson } from './parse-json.js';

export interface AddedInvoice {
  readonly invoice: string;
  readonly paymentHashHex: string;
  /** Standard base64, as lnd wrote it. */
  readonly paymentHashBase64: string;
}

/** The last line of a payment's stream. */
export interface PaymentLine {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'IN_FLIGHT';
  readonly failure_reason: string;
  readonly payment_hash: string;
  readonly payment_preimage: string;
  readonly value_msat: string;
  readonly fee_msat: string;
}

/** Adds an invoice over plain REST, without any code of the project in between. */
export async function addInvoice(
  seller: LndNode,
  amountMsat: number,
  more: Readonly<Record<string, unknown>> = {},
): Promise<AddedInvoice> {
  const answer = await seller.call<{ payment_request: string; r_hash: string }>('POST', '/v1/invoices', {
    value_msat: String(amountMsat),
    memo: 'one call',
    ...more,
  });
  return {
    invoice: answer.payment_request,
    paymentHashHex: Buffer.from(answer.r_hash, 'base64').toString('hex'),
    paymentHashBase64: answer.r_hash,
  };
}

/** What `/v2/router/send` is asked by a careful payer: one part, a fee limit, the final line only. */
export function sendRequest(
  invoice: string,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    payment_request: invoice,
    fee_limit_msat: '10000',
    timeout_seconds: 30,
    no_inflight_updates: true,
    ...more,
  };
}

/** Pays over plain REST; the final line. */
export async function payInvoice(buyer: LndNode, invoice: string): Promise<PaymentLine> {
  const { status, body } = await buyer.ask('POST', '/v2/router/send', sendRequest(invoice));
  const last = body.trimEnd().split('\n').at(-1) ?? '';
  const line = parseJson<{ result?: PaymentLine }>(last);
  if (line.result === undefined) throw new Error(`send: HTTP ${status} ${last}`);
  return line.result;
}

/** As paths of lnd want a hash: url-safe and with its padding. */
export function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
