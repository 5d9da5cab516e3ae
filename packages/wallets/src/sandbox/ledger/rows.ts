import type {
  InvoiceRecord,
  InvoiceRecordState,
  NodeRecord,
  PaymentRecord,
  PaymentRecordState,
  SandboxFailureReason,
} from './records.js';

/** A row as the database gives it. */
export type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const optionalText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const optionalNumber = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

export function nodeFromRow(row: Row): NodeRecord {
  return {
    name: text(row['name']),
    privateKeyHex: text(row['private_key_hex']),
    balanceMsat: Number(row['balance_msat']),
    fundedMsat: Number(row['funded_msat']),
  };
}

export function invoiceFromRow(row: Row): InvoiceRecord {
  return {
    node: text(row['node']),
    addIndex: Number(row['add_index']),
    paymentHashHex: text(row['payment_hash_hex']),
    preimageHex: text(row['preimage_hex']),
    paymentSecretHex: text(row['payment_secret_hex']),
    amountMsat: optionalNumber(row['amount_msat']),
    description: text(row['description']),
    descriptionHashHex: optionalText(row['description_hash_hex']),
    invoice: text(row['invoice']),
    createdAtSeconds: Number(row['created_at_seconds']),
    expirySeconds: Number(row['expiry_seconds']),
    state: text(row['state']) as InvoiceRecordState,
    settleIndex: Number(row['settle_index']),
    amountReceivedMsat: Number(row['amount_received_msat']),
    acceptedAtMs: optionalNumber(row['accepted_at_ms']),
    settledAtMs: optionalNumber(row['settled_at_ms']),
  };
}

export function paymentFromRow(row: Row): PaymentRecord {
  return {
    node: text(row['node']),
    paymentHashHex: text(row['payment_hash_hex']),
    paymentIndex: Number(row['payment_index']),
    invoice: text(row['invoice']),
    payeeHex: text(row['payee_hex']),
    paymentSecretHex: text(row['payment_secret_hex']),
    amountMsat: Number(row['amount_msat']),
    feeMsat: Number(row['fee_msat']),
    state: text(row['state']) as PaymentRecordState,
    failureReason: text(row['failure_reason']) as SandboxFailureReason,
    preimageHex: optionalText(row['preimage_hex']),
    createdAtMs: Number(row['created_at_ms']),
    resolvedAtMs: optionalNumber(row['resolved_at_ms']),
    sent: Number(row['sent']) === 1,
    dueAtMs: optionalNumber(row['due_at_ms']),
    endsAs: text(row['ends_as']) === 'FAILED' ? 'FAILED' : 'SUCCEEDED',
  };
}
