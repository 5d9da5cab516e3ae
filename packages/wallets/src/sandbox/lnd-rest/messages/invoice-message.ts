import { readOwnInvoice } from '@satway/protocol';
import type { InvoiceRecord } from '../../ledger/index.js';
import { base64OfHex, msat, wholeSats, wholeSeconds } from './amounts.js';
import { BLOCK_HEIGHT, CHANNEL_ID, EXPIRY_HEIGHT } from './channel.js';
import { featuresMessage } from './features.js';

/** The answer to `POST /v1/invoices`. */
export function addedInvoiceMessage(record: InvoiceRecord): Record<string, unknown> {
  return {
    r_hash: base64OfHex(record.paymentHashHex),
    payment_request: record.invoice,
    add_index: String(record.addIndex),
    payment_addr: base64OfHex(record.paymentSecretHex),
  };
}

/**
 * `lnrpc.Invoice`, every field in LND's order. As a real node does, it shows the preimage before the invoice is paid; only where money is
 * held there is none, since what a real node holds was added by its hash alone.
 */
export function invoiceMessage(record: InvoiceRecord): Record<string, unknown> {
  const { amountMsat, amountReceivedMsat, state } = record;
  return {
    memo: record.description,
    r_preimage: state === 'ACCEPTED' ? '' : base64OfHex(record.preimageHex),
    r_hash: base64OfHex(record.paymentHashHex),
    value: wholeSats(amountMsat ?? 0),
    value_msat: msat(amountMsat ?? 0),
    settled: state === 'SETTLED',
    creation_date: String(record.createdAtSeconds),
    settle_date: wholeSeconds(record.settledAtMs),
    payment_request: record.invoice,
    description_hash: base64OfHex(record.descriptionHashHex ?? ''),
    expiry: String(record.expirySeconds),
    fallback_addr: '',
    cltv_expiry: '80',
    route_hints: [],
    private: false,
    add_index: String(record.addIndex),
    settle_index: String(record.settleIndex),
    amt_paid: msat(amountReceivedMsat),
    amt_paid_sat: wholeSats(amountReceivedMsat),
    amt_paid_msat: msat(amountReceivedMsat),
    state,
    htlcs: htlcMessages(record),
    features: featuresMessage(featuresOf(record.invoice)),
    is_keysend: false,
    payment_addr: base64OfHex(record.paymentSecretHex),
    is_amp: false,
    amp_invoice_state: {},
    is_blinded: false,
    blinded_path_config: null,
  };
}

function featuresOf(invoice: string): Iterable<number> {
  const read = readOwnInvoice(invoice);
  return read.ok ? read.value.features : [];
}

function htlcMessages(record: InvoiceRecord): unknown[] {
  if (record.acceptedAtMs === null) return [];
  const paid = msat(record.amountReceivedMsat);
  const htlc = {
    chan_id: CHANNEL_ID,
    htlc_index: String(record.addIndex),
    amt_msat: paid,
    accept_height: BLOCK_HEIGHT,
    accept_time: wholeSeconds(record.acceptedAtMs),
    resolve_time: wholeSeconds(record.settledAtMs),
    expiry_height: EXPIRY_HEIGHT,
    state: record.state === 'SETTLED' ? 'SETTLED' : record.state === 'ACCEPTED' ? 'ACCEPTED' : 'CANCELED',
    custom_records: {},
    mpp_total_amt_msat: paid,
    amp: null,
    custom_channel_data: '',
  };
  return [htlc];
}
