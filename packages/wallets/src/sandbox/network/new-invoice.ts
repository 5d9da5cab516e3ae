import { createHash } from 'node:crypto';
import { isSatwayError } from '@satway/base';
import { encodeInvoice } from '@satway/protocol';
import type { InvoiceRecord, NodeRecord } from '../ledger/index.js';

export interface InvoiceToAdd {
  /** `null`: the payer chooses. */
  readonly amountMsat: number | null;
  readonly description: string;
  /** Signed in the place of the description, which then stays in the books. */
  readonly descriptionHashHex?: string;
  readonly expirySeconds: number;
  /** Random where left out. */
  readonly preimageHex?: string;
}

/** Feature bits as a real node sets them: variable onion and payment secret required, multi-part and blinded routes optional. */
const INVOICE_FEATURES = [8, 14, 17, 25];
const FINAL_CLTV_DELTA = 80;

/** Signs an invoice with the node's key; not yet in its books, so without a number. */
export function signInvoice(
  node: NodeRecord,
  { amountMsat, description, descriptionHashHex, expirySeconds }: InvoiceToAdd,
  secrets: { readonly preimageHex: string; readonly paymentSecretHex: string },
  nowMs: number,
): InvoiceRecord {
  const paymentHashHex = createHash('sha256').update(Buffer.from(secrets.preimageHex, 'hex')).digest('hex');
  const createdAtSeconds = Math.floor(nowMs / 1000);
  const content = {
    network: 'regtest',
    amountMsat: amountMsat === null ? null : BigInt(amountMsat),
    timestampSeconds: createdAtSeconds,
    paymentHashHex,
    paymentSecretHex: secrets.paymentSecretHex,
    ...(descriptionHashHex === undefined ? { description } : { descriptionHashHex }),
    expirySeconds,
    minFinalCltvExpiryDelta: FINAL_CLTV_DELTA,
    features: INVOICE_FEATURES,
  } as const;
  const invoice = encodeInvoice(content, Buffer.from(node.privateKeyHex, 'hex'));
  const identity = { node: node.name, addIndex: 0, paymentHashHex, ...secrets, invoice };
  const texts = { description, descriptionHashHex: descriptionHashHex ?? null };
  return { ...identity, ...UNPAID, ...texts, amountMsat, createdAtSeconds, expirySeconds };
}

const UNPAID = {
  state: 'OPEN',
  settleIndex: 0,
  amountReceivedMsat: 0,
  settledAtMs: null,
  acceptedAtMs: null,
} as const satisfies Partial<InvoiceRecord>;

/** Whether an invoice could not be written at all: what BOLT11 cannot carry is the caller's mistake. */
export function isNotEncodable(error: unknown): boolean {
  return isSatwayError(error, 'INVOICE_NOT_ENCODABLE');
}

/** An open invoice past its expiry reads `CANCELED`, as a real node reports it. */
export function invoiceAsOf(record: InvoiceRecord, nowMs: number): InvoiceRecord {
  const expiresAtMs = (record.createdAtSeconds + record.expirySeconds) * 1000;
  return record.state === 'OPEN' && nowMs >= expiresAtMs ? { ...record, state: 'CANCELED' } : record;
}
