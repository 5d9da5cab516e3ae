export { checkReceipt, type ReceiptCheck, type ReceiptFault, type ReceiptFaultKind } from './check-receipt.js';
export { readReceipt, type Receipt, RECEIPT_FIELDS, receiptDigest } from './receipt.js';
