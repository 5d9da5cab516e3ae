import { decodeInvoice, type DecodedInvoice } from '../bolt11/index.js';
import { preimageMatches } from '../credential/index.js';
import { type Receipt, receiptDigest } from './receipt.js';

/** In which part a receipt contradicts itself. */
export type ReceiptFaultKind =
  | 'digest'
  | 'sum'
  | 'invoice'
  | 'payment_hash'
  | 'amount'
  | 'payee'
  | 'network'
  | 'description'
  | 'preimage';

/** One contradiction; `detail` is for a person. */
export interface ReceiptFault {
  readonly fault: ReceiptFaultKind;
  readonly detail: string;
}

/** What a receipt proves by itself. */
export interface ReceiptCheck {
  /** None where the receipt holds together. */
  readonly faults: readonly ReceiptFault[];
  /** The preimage is there and is that of the invoice, which the payee signed: whoever has it has it from a payment. */
  readonly isProven: boolean;
}

/**
 * Holds a receipt against the invoice in it, which is the only part that somebody else has signed. Asks nobody.
 *
 * Proven: the node `payee` asked for `amountMsat` under `paymentHash`, and its secret is out. Not proven: who paid, when, for which call, and what the fee was.
 */
export function checkReceipt(receipt: Receipt): ReceiptCheck {
  const decoded = decodeInvoice(receipt.invoice);
  const { preimage, paymentHash } = receipt;
  const isPreimageRight = preimage !== null && preimageMatches(preimage, paymentHash);
  const faults = [
    ...ownFaults(receipt),
    ...(decoded.ok ? invoiceFaults(receipt, decoded.value) : [faultOf('invoice', decoded.detail)]),
    ...(preimage === null || isPreimageRight ? [] : [faultOf('preimage', 'It is not the one of the payment hash.')]),
  ];
  return { faults, isProven: isPreimageRight && faults.length === 0 };
}

function ownFaults(receipt: Receipt): ReceiptFault[] {
  const { amountMsat, feeMsat, totalMsat } = receipt;
  const isSum = BigInt(amountMsat) + BigInt(feeMsat) === BigInt(totalMsat);
  return [
    ...(receiptDigest(receipt) === receipt.digest ? [] : [faultOf('digest', 'A field was changed.')]),
    ...(isSum ? [] : [faultOf('sum', 'Amount and fee are not the total.')]),
  ];
}

function invoiceFaults(receipt: Receipt, invoice: DecodedInvoice): ReceiptFault[] {
  const { paymentHashHex, amountMsat, payeeHex, network, description } = invoice;
  const comparisons: [ReceiptFault['fault'], boolean, string][] = [
    ['payment_hash', paymentHashHex === receipt.paymentHash, 'The invoice has another.'],
    ['amount', amountMsat === BigInt(receipt.amountMsat), `The invoice asks for ${amountMsat ?? 'any amount'} msat.`],
    ['payee', payeeHex === receipt.payee, `The invoice is signed by ${payeeHex}.`],
    ['network', network === receipt.network, `The invoice is one of ${network}.`],
    ['description', (description ?? '') === (receipt.description ?? ''), 'The invoice says something else.'],
  ];
  return comparisons.filter(([, holds]) => !holds).map(([kind, , detail]) => faultOf(kind, detail));
}

function faultOf(fault: ReceiptFaultKind, detail: string): ReceiptFault {
  return { fault, detail };
}
