import { type Receipt, RECEIPT_FIELDS } from '@satway/protocol';
import { csvLine } from './csv.js';
import { createReceiptSum, type ReceiptTotals } from './totals.js';

export type ReceiptFormat = 'json' | 'csv';

/** What a JSON file of receipts says that it is. */
export const RECEIPTS_FORMAT = 'satway-receipts/1';

/** The first column of CSV: what the line is. */
export const KIND_COLUMN = 'kind';

/** A file of receipts, piece by piece; a receipt a line, and last what they add up to, so that a file that was cut short is known. */
export function* writeReceipts(format: ReceiptFormat, receipts: Iterable<Receipt>): Generator<string> {
  const sum = createReceiptSum();
  yield format === 'json' ? `{"format":"${RECEIPTS_FORMAT}","receipts":[` : csvLine([KIND_COLUMN, ...RECEIPT_FIELDS]);
  for (const receipt of receipts) {
    const isFirst = sum.totals().count === 0;
    yield format === 'json'
      ? jsonLine(receipt, isFirst)
      : csvLine(['receipt', ...RECEIPT_FIELDS.map((field) => receipt[field])]);
    sum.add(receipt);
  }
  const totals = sum.totals();
  yield format === 'json' ? `\n],"totals":${JSON.stringify(totals)}}\n` : totalLine(totals);
}

function jsonLine(receipt: Receipt, isFirst: boolean): string {
  const ordered = Object.fromEntries(RECEIPT_FIELDS.map((field) => [field, receipt[field]]));
  return `${isFirst ? '' : ','}\n${JSON.stringify(ordered)}`;
}

function totalLine(totals: ReceiptTotals): string {
  const sums = new Map<string, number | string>([
    ['amountMsat', totals.amountMsat],
    ['feeMsat', totals.feeMsat],
    ['totalMsat', totals.totalMsat],
  ]);
  return csvLine([`total of ${totals.count}`, ...RECEIPT_FIELDS.map((field) => sums.get(field) ?? null)]);
}
