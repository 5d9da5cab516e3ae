import { SatwayError } from '@satway/base';
import type { ReceivingWallet, InvoiceRequest, InvoiceState, IssuedInvoice, SettledNotice } from '../../wallet.js';
import type { InvoiceRecord } from '../ledger/index.js';
import { isNotEncodable, type SandboxLightning } from '../network/index.js';
import { SANDBOX_INSPECTION } from './sandbox-inspection.js';

/** The receiving side of one node, without a network in between. */
export function createSandboxIssuer(lightning: SandboxLightning, node: string): ReceivingWallet {
  return {
    kind: 'sandbox',
    preimageIsProof: true,
    inspect: async () => SANDBOX_INSPECTION,
    close: async () => undefined,
    receivableMsat: async () => null,
    network: 'regtest',
    async create(request) {
      return issuedInvoice(addInvoice(lightning, node, request));
    },
    async lookUp(paymentHashHex) {
      return invoiceState(lightning.findInvoice(node, paymentHashHex));
    },
    onSettled(listener) {
      return lightning.invoiceNews.add((invoice) => {
        if (invoice.node === node && invoice.state === 'SETTLED') listener(noticeOf(invoice));
      });
    },
  };
}

function addInvoice(lightning: SandboxLightning, node: string, request: InvoiceRequest): InvoiceRecord {
  const { amountMsat, description, expirySeconds } = request;
  if (!Number.isSafeInteger(amountMsat) || amountMsat <= 0) {
    throw new SatwayError('WALLET_REFUSED', { detail: 'The amount is not a positive whole number of millisatoshis.' });
  }
  if (!Number.isSafeInteger(expirySeconds) || expirySeconds <= 0) {
    throw new SatwayError('WALLET_REFUSED', { detail: 'The expiry is not a positive whole number of seconds.' });
  }
  const invoice = writeInvoice(lightning, node, { amountMsat, description, expirySeconds });
  if (invoice === null) throw new SatwayError('WALLET_REFUSED', { detail: 'The payment hash is taken.' });
  return invoice;
}

/** What BOLT 11 cannot carry is refused as a node refuses it. */
function writeInvoice(lightning: SandboxLightning, node: string, request: InvoiceRequest): InvoiceRecord | null {
  try {
    return lightning.addInvoice(node, request);
  } catch (cause) {
    if (!isNotEncodable(cause)) throw cause;
    throw new SatwayError('WALLET_REFUSED', { detail: 'An invoice cannot carry that.', cause });
  }
}

function issuedInvoice(record: InvoiceRecord): IssuedInvoice {
  return {
    invoice: record.invoice,
    paymentHashHex: record.paymentHashHex,
    amountMsat: record.amountMsat ?? 0,
    createdAtMs: record.createdAtSeconds * 1000,
    expiresAtMs: expiresAtMsOf(record),
  };
}

function invoiceState(record: InvoiceRecord | null): InvoiceState {
  switch (record?.state) {
    case undefined:
      return { state: 'notFound' };
    case 'OPEN':
      return { state: 'open', expiresAtMs: record === null ? 0 : expiresAtMsOf(record) };
    case 'ACCEPTED':
      return { state: 'held' };
    case 'SETTLED':
      return { state: 'settled', ...receipt(record) };
    default:
      return { state: 'closed' };
  }
}

function receipt(record: InvoiceRecord | null): { amountReceivedMsat: number; settledAtMs: number | null } {
  return { amountReceivedMsat: record?.amountReceivedMsat ?? 0, settledAtMs: record?.settledAtMs ?? null };
}

function expiresAtMsOf(record: InvoiceRecord): number {
  return (record.createdAtSeconds + record.expirySeconds) * 1000;
}

function noticeOf(record: InvoiceRecord): SettledNotice {
  return { paymentHashHex: record.paymentHashHex, amountReceivedMsat: record.amountReceivedMsat };
}
