export { collectReceipts, type ReceiptQuery } from './collect-receipts.js';
export type { ReceiptTotals } from './totals.js';
export { type FileFault, type ReceiptVerification, verifyReceipts } from './verify-receipts.js';
export { type ReceiptFormat, writeReceipts } from './write-receipts.js';
