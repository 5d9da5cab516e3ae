import { type DecodedInvoice, decodeInvoice } from '@satway/protocol';
import type { InvoiceRecord, NodeRecord, SandboxFailureReason, SandboxLedger } from '../ledger/index.js';
import { invoiceAsOf } from './new-invoice.js';
import type { PaymentToSend, RoutingFee, SendRefusal } from './payment-request.js';

/** A payment that a node would begin, as far as the invoice alone says. */
export interface CheckedPayment {
  readonly decoded: DecodedInvoice;
  readonly amountMsat: number;
}

/** What a node looks at before it looks for the hash in its records. The expiry is part of it, as with LND. */
export function checkPayment(
  ledger: SandboxLedger,
  node: NodeRecord,
  { invoice, amountMsat }: PaymentToSend,
  nowMs: number,
): CheckedPayment | SendRefusal {
  const decoded = decodeInvoice(invoice);
  if (!decoded.ok) return { kind: 'malformed', detail: decoded.detail };
  const { value } = decoded;
  if (value.network !== 'regtest') return { kind: 'otherNetwork' };
  if (nowMs > value.expiresAtMs) return { kind: 'expired', expiresAtMs: value.expiresAtMs };
  if (value.amountMsat !== null && amountMsat !== null) return { kind: 'amountGiven' };
  const amount = value.amountMsat === null ? amountMsat : Number(value.amountMsat);
  if (amount === null || amount <= 0) return { kind: 'amountMissing' };
  const own = ledger.findInvoice(value.paymentHashHex);
  if (own?.node === node.name && own.invoice === invoice.toLowerCase()) return { kind: 'selfPayment' };
  return { decoded: value, amountMsat: amount };
}

export function feeFor(amountMsat: number, { baseMsat, proportionalMillionths }: RoutingFee): number {
  return baseMsat + Number((BigInt(amountMsat) * BigInt(proportionalMillionths)) / 1_000_000n);
}

/** What keeps money from going out at all, in the order in which a node finds it; `null` where nothing does. */
export function findRouteFailure(
  ledger: SandboxLedger,
  node: NodeRecord,
  payment: CheckedPayment,
  fee: { readonly feeMsat: number; readonly feeLimitMsat: number },
  nowMs: number,
): SandboxFailureReason | null {
  const { decoded, amountMsat } = payment;
  const invoice = ledger.findInvoice(decoded.paymentHashHex);
  if (fee.feeMsat > fee.feeLimitMsat || invoice === null) return 'FAILURE_REASON_NO_ROUTE';
  if (amountMsat + fee.feeMsat > node.balanceMsat) return 'FAILURE_REASON_INSUFFICIENT_BALANCE';
  const isOnItsWay = ledger.findInFlight(decoded.paymentHashHex) !== null;
  const isTaken = !isOnItsWay && payeeTakes(invoiceAsOf(invoice, nowMs), payment);
  return isTaken ? null : 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS';
}

/** The payee's own check: its invoice, still open, the secret right, the amount enough. */
function payeeTakes(invoice: InvoiceRecord, { decoded, amountMsat }: CheckedPayment): boolean {
  const isRight = invoice.state === 'OPEN' && invoice.paymentSecretHex === decoded.paymentSecretHex;
  return isRight && amountMsat >= (invoice.amountMsat ?? 0);
}
