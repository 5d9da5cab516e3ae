import { createHash } from 'node:crypto';
import { decodeInvoice } from '@satway/protocol';
import type { PaymentRecord } from '../../ledger/index.js';
import type { ReplyFault, SandboxLightning } from '../../network/index.js';
import { answer, refusal } from '../answer.js';
import { base64OfHex, routeMessage } from '../messages/index.js';
import { amountField, fieldNames, type Fields, textField } from '../request-fields.js';
import type { UnaryOutcome, UnaryRoute } from './call.js';
import { invoiceAmountMsat } from './send-calls.js';
import { lndRefusal } from './send-refusal.js';

const FREE_FEE_AMOUNT_MSAT = 1_000_000;

/** The older way to pay: one answer at the end, whose failures are HTTP 200. */
export const transactionsCall: UnaryRoute = {
  kind: 'unary',
  method: 'POST',
  path: '/v1/channels/transactions',
  permission: { entity: 'offchain', action: 'write', uri: '/lnrpc.Lightning/SendPaymentSync' },
  fields: fieldNames(
    'dest dest_string amt amt_msat payment_hash payment_hash_string payment_request final_cltv_delta',
    'fee_limit outgoing_chan_id last_hop_pubkey cltv_limit dest_custom_records allow_self_payment',
    'dest_features payment_addr',
  ),
  async answer({ lightning, node, fields }) {
    const invoice = textField(fields, 'payment_request');
    if (invoice === '') return refusal(2, 'invalid key length');
    const amount = amountField(fields, 'amt', 'amt_msat');
    if (!amount.ok) return amount;
    const amountMsat = amount.amountMsat === 0 ? null : amount.amountMsat;
    const feeLimitMsat = feeLimitOf(fields, amountMsat ?? invoiceAmountMsat(invoice) ?? 0);
    const started = lightning.send(node, { invoice, amountMsat, feeLimitMsat });
    if (started.ok) return finalAnswer(lightning, started.payment, started.reply);
    const refused = lndRefusal(started.refusal, invoice);
    return refused.code === 6 ? answer(errorMessage(refused.message, hashOf(invoice))) : refused;
  },
};

/** Without a limit LND lets a small payment cost as much again, and a larger one 5 %. */
function feeLimitOf(fields: Fields, amountMsat: number): number {
  const limit = fields['fee_limit'];
  const given = typeof limit === 'object' && limit !== null ? (limit as Fields) : {};
  if ('percent' in given) return Math.floor((amountMsat * Number(given['percent'])) / 100);
  if ('fixed' in given || 'fixed_msat' in given) {
    const fixed = amountField(given, 'fixed', 'fixed_msat');
    return fixed.ok ? fixed.amountMsat : 0;
  }
  return amountMsat <= FREE_FEE_AMOUNT_MSAT ? amountMsat : Math.floor(amountMsat / 20);
}

async function finalAnswer(
  lightning: SandboxLightning,
  begun: PaymentRecord,
  reply: ReplyFault,
): Promise<UnaryOutcome> {
  const { node, paymentHashHex } = begun;
  if (reply === 'shuttingDown') return answer(errorMessage('router shutting down', paymentHashHex));
  const final = await finalRecord(lightning, node, paymentHashHex);
  if (reply === 'lost' || reply === 'cut') return 'breakOff';
  if (final.state === 'FAILED') return answer(errorMessage(failureText(final), paymentHashHex));
  const preimageHex =
    reply === 'wrongPreimage' ? createHash('sha256').update(paymentHashHex).digest('hex') : final.preimageHex;
  return answer({
    payment_error: '',
    payment_preimage: base64OfHex(preimageHex ?? ''),
    payment_route: routeMessage(final),
    payment_hash: base64OfHex(paymentHashHex),
  });
}

function finalRecord(lightning: SandboxLightning, node: string, hashHex: string): Promise<PaymentRecord> {
  return new Promise((resolve) => {
    const current = lightning.findPayment(node, hashHex);
    if (current !== null && current.state !== 'IN_FLIGHT') return resolve(current);
    const stop = lightning.paymentNews.add((payment) => {
      if (payment.node !== node || payment.paymentHashHex !== hashHex || payment.state === 'IN_FLIGHT') return;
      stop();
      resolve(payment);
    });
    return undefined;
  });
}

function failureText(payment: PaymentRecord): string {
  return payment.failureReason.replace('FAILURE_REASON_', '').toLowerCase();
}

function errorMessage(error: string, hashHex: string): Record<string, unknown> {
  return { payment_error: error, payment_preimage: '', payment_route: null, payment_hash: base64OfHex(hashHex) };
}

function hashOf(invoice: string): string {
  const decoded = decodeInvoice(invoice);
  return decoded.ok ? decoded.value.paymentHashHex : '';
}
