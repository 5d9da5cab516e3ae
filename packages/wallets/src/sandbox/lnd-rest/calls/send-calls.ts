import { createHash } from 'node:crypto';
import { decodeInvoice } from '@satway/protocol';
import type { PaymentRecord } from '../../ledger/index.js';
import type { ReplyFault, SandboxLightning } from '../../network/index.js';
import { type LineStream, refusal } from '../answer.js';
import { hasAttempt, paymentMessage } from '../messages/index.js';
import { amountField, fieldNames, textField } from '../request-fields.js';
import type { Call, StreamRoute } from './call.js';
import { base64Argument } from './hash-argument.js';
import { lndRefusal } from './send-refusal.js';

const SEND_FIELDS = fieldNames(
  'dest amt payment_hash final_cltv_delta payment_request timeout_seconds fee_limit_sat',
  'outgoing_chan_id cltv_limit route_hints dest_custom_records amt_msat fee_limit_msat last_hop_pubkey',
  'allow_self_payment dest_features max_parts no_inflight_updates outgoing_chan_ids payment_addr',
  'max_shard_size_msat amp time_pref cancelable first_hop_custom_records',
);

export const sendPaymentCall: StreamRoute = {
  kind: 'stream',
  method: 'POST',
  path: '/v2/router/send',
  permission: { entity: 'offchain', action: 'write', uri: '/routerrpc.Router/SendPaymentV2' },
  fields: SEND_FIELDS,
  stream(call, lines) {
    const { lightning, node, fields } = call;
    const invoice = textField(fields, 'payment_request');
    if (invoice === '') return lines.fail(refusal(2, 'invalid vertex length of 0, want 33'));
    const amount = amountField(fields, 'amt', 'amt_msat');
    if (!amount.ok) return lines.fail(amount);
    const feeLimit = amountField(fields, 'fee_limit_sat', 'fee_limit_msat');
    if (!feeLimit.ok) return lines.fail(feeLimit);
    const amountMsat = amount.amountMsat === 0 ? null : amount.amountMsat;
    const started = lightning.send(node, { invoice, amountMsat, feeLimitMsat: feeLimit.amountMsat });
    if (!started.ok) return lines.fail(lndRefusal(started.refusal, invoice));
    return report(call, started.payment, started.reply, lines);
  },
};

/** Tells how the payment goes, or breaks off as the fault says. */
function report(call: Call, begun: PaymentRecord, reply: ReplyFault, lines: LineStream): void {
  if (reply === 'shuttingDown') return lines.fail(refusal(2, 'routerrpc server shutting down'));
  const attempt = { ...begun, ...NOT_YET, sent: true };
  const steps = [{ ...attempt, sent: false }, ...(hasAttempt(begun) ? [attempt] : [])];
  if (reply === 'cut') return lines.cut(paymentMessage(steps[0] ?? begun));
  if (call.fields['no_inflight_updates'] !== true) for (const step of steps) lines.result(paymentMessage(step));
  return whenFinal(call, begun.paymentHashHex, lines, (final) => finish(final, reply, lines));
}

const NOT_YET = { state: 'IN_FLIGHT', failureReason: 'FAILURE_REASON_NONE', resolvedAtMs: null } as const;

function finish(final: PaymentRecord, reply: ReplyFault, lines: LineStream): void {
  if (reply === 'lost') return lines.breakOff();
  const told = reply === 'wrongPreimage' ? { ...final, preimageHex: preimageOfSomethingElse(final) } : final;
  lines.result(paymentMessage(told));
  if (reply === 'twice') lines.result(paymentMessage(told));
  return lines.end();
}

function preimageOfSomethingElse(payment: PaymentRecord): string {
  return createHash('sha256').update(`not ${payment.paymentHashHex}`).digest('hex');
}

/** Calls back once the payment is settled or failed, unless the caller has left by then. */
function whenFinal(
  { lightning, node }: Pick<Call, 'lightning' | 'node'>,
  paymentHashHex: string,
  lines: LineStream,
  tell: (final: PaymentRecord) => void,
): void {
  const current = lightning.findPayment(node, paymentHashHex);
  if (current !== null && current.state !== 'IN_FLIGHT') return tell(current);
  const stop = lightning.paymentNews.add((payment) => {
    if (payment.node !== node || payment.paymentHashHex !== paymentHashHex || payment.state === 'IN_FLIGHT') return;
    stop();
    if (!lines.isGone) tell(payment);
  });
  return lines.onGone(stop);
}

export const trackPaymentCall: StreamRoute = {
  kind: 'stream',
  method: 'GET',
  path: '/v2/router/track/*',
  permission: { entity: 'offchain', action: 'read', uri: '/routerrpc.Router/TrackPaymentV2' },
  fields: [],
  prepare({ argument }) {
    const hash = base64Argument(argument);
    return hash.ok ? null : hash;
  },
  stream({ lightning, node, argument, query }, lines) {
    const hash = base64Argument(argument);
    if (!hash.ok) return lines.fail(hash);
    if (hash.bytes.length !== 32) return lines.fail(refusal(2, `invalid hash length of ${hash.bytes.length}, want 32`));
    return follow(lightning, node, hash.bytes.toString('hex'), query.get('no_inflight_updates') === 'true', lines);
  },
};

function follow(
  lightning: SandboxLightning,
  node: string,
  hashHex: string,
  finalOnly: boolean,
  lines: LineStream,
): void {
  const payment = lightning.findPayment(node, hashHex);
  if (payment === null) return lines.fail(refusal(5, "payment isn't initiated"));
  if (payment.state === 'IN_FLIGHT' && !finalOnly) lines.result(paymentMessage(payment));
  return whenFinal({ lightning, node }, hashHex, lines, (final) => {
    lines.result(paymentMessage(final));
    lines.end();
  });
}

/** The amount of a payment whose invoice names none is the payer's; the others say it themselves. */
export function invoiceAmountMsat(invoice: string): number | null {
  const decoded = decodeInvoice(invoice);
  return decoded.ok && decoded.value.amountMsat !== null ? Number(decoded.value.amountMsat) : null;
}
