import { checkReceipt, type ReceiptFaultKind } from '@satway/protocol';
import { type ReadEntry, type ReadReceipts, readReceipts } from './read-receipts.js';
import { createReceiptSum, type ReceiptTotals } from './totals.js';

/** One thing that is wrong with a file of receipts, and where. */
export interface FileFault {
  /** Of the file; `null` where it is the whole, or JSON that was written anew. */
  readonly line: number | null;
  /** Which receipt, counted from 1; `null` where it is the whole. */
  readonly number: number | null;
  readonly paymentHash: string | null;
  readonly fault: ReceiptFaultKind | 'unreadable' | 'duplicate' | 'totals';
  readonly detail: string;
}

/** What a file of receipts is worth. */
export interface ReceiptVerification {
  readonly count: number;
  /** How many have the preimage of the invoice with them, and no fault. */
  readonly proven: number;
  /** Of those that can be read. */
  readonly totals: ReceiptTotals;
  readonly faults: readonly FileFault[];
}

/**
 * Verifies a file of receipts and asks nobody: each invoice's signature, payment hash, amount and payee, each preimage, each sum.
 *
 * @throws {SatwayError} `RECEIPT_INVALID` where it is no such file at all.
 */
export function verifyReceipts(text: string): ReceiptVerification {
  const file = readReceipts(text);
  const sum = createReceiptSum();
  const seen = new Map<string, number>();
  const faults: FileFault[] = [];
  let proven = 0;
  for (const [index, entry] of file.entries.entries()) {
    const checked = checkEntry(entry, index + 1, seen);
    faults.push(...checked.faults);
    proven += checked.isProven ? 1 : 0;
    if (entry.receipt !== null) sum.add(entry.receipt);
  }
  faults.push(...totalsFaults(file, sum.totals()));
  return { count: file.entries.length, proven, totals: sum.totals(), faults };
}

function checkEntry(
  entry: ReadEntry,
  number: number,
  seen: Map<string, number>,
): { readonly faults: readonly FileFault[]; readonly isProven: boolean } {
  const { line, receipt } = entry;
  if (receipt === null) {
    return {
      faults: [{ line, number, paymentHash: null, fault: 'unreadable', detail: entry.detail }],
      isProven: false,
    };
  }
  const { paymentHash } = receipt;
  const { faults, isProven } = checkReceipt(receipt);
  const named: FileFault[] = faults.map((each) => ({ line, number, paymentHash, ...each }));
  const earlier = seen.get(paymentHash);
  if (earlier !== undefined) {
    named.push({ line, number, paymentHash, fault: 'duplicate', detail: `Receipt ${earlier} is of the same payment.` });
  }
  seen.set(paymentHash, number);
  return { faults: named, isProven: isProven && earlier === undefined };
}

function totalsFaults({ totals, entries }: ReadReceipts, found: ReceiptTotals): FileFault[] {
  const whole = { line: null, number: null, paymentHash: null, fault: 'totals' } as const;
  if (totals === null) return [{ ...whole, detail: 'The sums at the end are missing: the file may be cut short.' }];
  const isCount = totals.count === entries.length;
  const isSum = (['amountMsat', 'feeMsat', 'totalMsat'] as const).every((field) => totals[field] === found[field]);
  return [
    ...(isCount ? [] : [{ ...whole, detail: `It says ${totals.count} receipts, and has ${entries.length}.` }]),
    ...(isSum
      ? []
      : [{ ...whole, detail: `It says ${totals.totalMsat} msat; the receipts are ${found.totalMsat} msat.` }]),
  ];
}
