import type { InvoiceRecord } from '../../ledger/index.js';
import { type InvoiceToAdd, isNotEncodable, type SandboxLightning } from '../../network/index.js';
import { answer, type LndAnswer, type LineStream, refusal } from '../answer.js';
import { addedInvoiceMessage, invoiceMessage } from '../messages/index.js';
import { fieldNames } from '../request-fields.js';
import type { Call, StreamRoute, UnaryRoute } from './call.js';
import { hashArgument, readBytesField } from './hash-argument.js';
import { readInvoiceToAdd } from './invoice-to-add.js';

const INVOICE_FIELDS = fieldNames(
  'memo r_preimage r_hash value value_msat settled creation_date settle_date payment_request',
  'description_hash expiry fallback_addr cltv_expiry route_hints private add_index settle_index',
  'amt_paid amt_paid_sat amt_paid_msat state htlcs features is_keysend payment_addr is_amp',
  'amp_invoice_state is_blinded blinded_path_config',
);

export const addInvoiceCall: UnaryRoute = {
  kind: 'unary',
  method: 'POST',
  path: '/v1/invoices',
  permission: { entity: 'invoices', action: 'write', uri: '/lnrpc.Lightning/AddInvoice' },
  fields: INVOICE_FIELDS,
  answer({ lightning, node, fields }) {
    const read = readInvoiceToAdd(fields);
    return read.ok ? addInvoice(lightning, node, read.wanted) : read;
  },
};

function addInvoice(lightning: SandboxLightning, node: string, wanted: InvoiceToAdd): LndAnswer {
  try {
    const record = lightning.addInvoice(node, wanted);
    if (record === null) return refusal(2, 'invoice with payment hash already exists');
    return answer(addedInvoiceMessage(record));
  } catch (error) {
    if (isNotEncodable(error)) return refusal(2, 'invoice cannot be encoded');
    throw error;
  }
}

export const lookUpInvoiceCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/invoice/*',
  permission: { entity: 'invoices', action: 'read', uri: '/lnrpc.Lightning/LookupInvoice' },
  fields: [],
  answer({ lightning, node, argument }) {
    const hash = hashArgument(argument);
    if (!hash.ok) return hash;
    const record = lightning.findInvoice(node, hash.hashHex);
    return record === null ? refusal(5, 'unable to locate invoice') : answer(invoiceMessage(record));
  },
};

export const cancelInvoiceCall: UnaryRoute = {
  kind: 'unary',
  method: 'POST',
  path: '/v2/invoices/cancel',
  permission: { entity: 'invoices', action: 'write', uri: '/invoicesrpc.Invoices/CancelInvoice' },
  fields: ['payment_hash'],
  answer({ lightning, node, fields }) {
    const hashHex = readBytesField(fields, 'payment_hash')?.toString('hex') ?? '';
    const record = lightning.findInvoice(node, hashHex);
    if (record === null) return refusal(2, 'unable to locate invoice');
    if (record.state === 'SETTLED') return refusal(2, 'invoice already settled');
    lightning.cancelInvoice(node, hashHex);
    return answer({});
  },
};

export const subscribeInvoicesCall: StreamRoute = {
  kind: 'stream',
  method: 'GET',
  path: '/v1/invoices/subscribe',
  permission: { entity: 'invoices', action: 'read', uri: '/lnrpc.Lightning/SubscribeInvoices' },
  fields: [],
  stream({ lightning, node, query }, lines) {
    for (const missed of missedInvoices(lightning, node, query)) lines.result(invoiceMessage(missed));
    const stop = lightning.invoiceNews.add((record) => tellSubscriber(lines, node, record));
    lines.onGone(stop);
  },
};

/** What was added or settled after the given indices; 0 asks for nothing that was. */
function missedInvoices(lightning: SandboxLightning, node: string, query: Call['query']): InvoiceRecord[] {
  const addIndex = Number(query.get('add_index') ?? 0);
  const settleIndex = Number(query.get('settle_index') ?? 0);
  const added = addIndex > 0 ? lightning.addedSince(node, addIndex) : [];
  const settled = settleIndex > 0 ? lightning.settledSince(node, settleIndex) : [];
  return [...added.map((record) => ({ ...record, ...AS_ADDED })), ...settled];
}

const AS_ADDED = {
  state: 'OPEN',
  settleIndex: 0,
  amountReceivedMsat: 0,
  settledAtMs: null,
  acceptedAtMs: null,
} as const;

function tellSubscriber(lines: LineStream, node: string, record: InvoiceRecord): void {
  const isNews = record.state === 'OPEN' || record.state === 'SETTLED';
  if (isNews && record.node === node && !lines.isGone) lines.result(invoiceMessage(record));
}
