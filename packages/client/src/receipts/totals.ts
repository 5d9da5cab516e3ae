import type { Receipt } from '@satway/protocol';

/** What the receipts of a file add up to. Decimal digits: together they may pass what a JSON number holds. */
export interface ReceiptTotals {
  readonly count: number;
  readonly amountMsat: string;
  readonly feeMsat: string;
  readonly totalMsat: string;
}

/** Adds receipts up as they pass. */
export interface ReceiptSum {
  add(receipt: Pick<Receipt, 'amountMsat' | 'feeMsat' | 'totalMsat'>): void;
  totals(): ReceiptTotals;
}

export function createReceiptSum(): ReceiptSum {
  let count = 0;
  const sums = { amountMsat: 0n, feeMsat: 0n, totalMsat: 0n };
  return {
    add(receipt) {
      count += 1;
      sums.amountMsat += BigInt(receipt.amountMsat);
      sums.feeMsat += BigInt(receipt.feeMsat);
      sums.totalMsat += BigInt(receipt.totalMsat);
    },
    totals: () => ({
      count,
      amountMsat: String(sums.amountMsat),
      feeMsat: String(sums.feeMsat),
      totalMsat: String(sums.totalMsat),
    }),
  };
}
