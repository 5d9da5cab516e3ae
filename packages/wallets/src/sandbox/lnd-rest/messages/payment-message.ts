import type { PaymentRecord } from '../../ledger/index.js';
import { base64OfHex, msat, nanoseconds, wholeSats, wholeSeconds } from './amounts.js';
import { BLOCK_HEIGHT, CHANNEL_CAPACITY_SAT, CHANNEL_ID, EXPIRY_HEIGHT } from './channel.js';

const UNKNOWN_PREIMAGE_HEX = '00'.repeat(32);

/** `lnrpc.Payment`, every field in LND's order. `payment_preimage` is 64 zeros until it is known. */
export function paymentMessage(record: PaymentRecord): Record<string, unknown> {
  const feeMsat = record.state === 'FAILED' || !record.sent ? 0 : record.feeMsat;
  return {
    payment_hash: record.paymentHashHex,
    value: wholeSats(record.amountMsat),
    creation_date: wholeSeconds(record.createdAtMs),
    fee: wholeSats(feeMsat),
    payment_preimage: record.preimageHex ?? UNKNOWN_PREIMAGE_HEX,
    value_sat: wholeSats(record.amountMsat),
    value_msat: msat(record.amountMsat),
    payment_request: record.invoice,
    status: record.state,
    fee_sat: wholeSats(feeMsat),
    fee_msat: msat(feeMsat),
    creation_time_ns: nanoseconds(record.createdAtMs),
    htlcs: hasAttempt(record) ? [attemptMessage(record)] : [],
    payment_index: String(record.paymentIndex),
    failure_reason: record.failureReason,
    first_hop_custom_records: {},
  };
}

/** A payee that refuses has seen the money, if only for a moment. */
export function hasAttempt({ sent, failureReason }: PaymentRecord): boolean {
  return sent || failureReason === 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS';
}

function attemptMessage(record: PaymentRecord): Record<string, unknown> {
  return {
    attempt_id: String(record.paymentIndex),
    status: record.state,
    route: routeMessage(record),
    attempt_time_ns: nanoseconds(record.createdAtMs),
    resolve_time_ns: nanoseconds(record.resolvedAtMs),
    failure: record.state === 'FAILED' ? FAILURE : null,
    preimage: record.preimageHex === null ? '' : base64OfHex(record.preimageHex),
  };
}

const FAILURE = {
  code: 'INCORRECT_OR_UNKNOWN_PAYMENT_DETAILS',
  channel_update: null,
  htlc_msat: '0',
  onion_sha_256: '',
  cltv_expiry: 0,
  flags: 0,
  failure_source_index: 1,
  height: BLOCK_HEIGHT,
};

/** One hop to the payee, whatever routing costs. */
export function routeMessage(record: PaymentRecord): Record<string, unknown> {
  const { amountMsat, feeMsat } = record;
  return {
    total_time_lock: EXPIRY_HEIGHT,
    total_fees: wholeSats(feeMsat),
    total_amt: wholeSats(amountMsat + feeMsat),
    hops: [hopMessage(record)],
    total_fees_msat: msat(feeMsat),
    total_amt_msat: msat(amountMsat + feeMsat),
    first_hop_amount_msat: msat(amountMsat + feeMsat),
    custom_channel_data: '',
  };
}

function hopMessage({ amountMsat, feeMsat, payeeHex, paymentSecretHex }: PaymentRecord): Record<string, unknown> {
  return {
    chan_id: CHANNEL_ID,
    chan_capacity: CHANNEL_CAPACITY_SAT,
    amt_to_forward: wholeSats(amountMsat),
    fee: wholeSats(feeMsat),
    expiry: EXPIRY_HEIGHT,
    amt_to_forward_msat: msat(amountMsat),
    fee_msat: msat(feeMsat),
    pub_key: payeeHex,
    tlv_payload: true,
    mpp_record: { payment_addr: base64OfHex(paymentSecretHex), total_amt_msat: msat(amountMsat) },
    amp_record: null,
    custom_records: {},
    metadata: '',
    blinding_point: '',
    encrypted_data: '',
    total_amt_msat: '0',
  };
}
