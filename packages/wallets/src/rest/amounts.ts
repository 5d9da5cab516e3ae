import type { SettledPayment } from '../wallet.js';

/** What the wallet said that a payment cost, and what counts where that is no amount. */
export interface ToldCost {
  readonly amountMsat: number | null;
  readonly feeMsat: number | null;
  /** What must have left at least: the amount of the invoice; 0 where nobody knows it. */
  readonly leastAmountMsat: number;
  /** The most that the fee can be expected to be, for an amount. */
  readonly feeCeilingMsat: (amountMsat: number) => number;
}

/**
 * The amounts of a payment that is proven by its preimage, as they can be booked: non-negative, and their sum a safe integer. The proof stands whatever the wallet
 * says of the cost, so what cannot be believed is replaced upwards: an amount by the least that must have left, a fee by its ceiling.
 */
export function bookableCost(told: ToldCost): Pick<SettledPayment, 'amountMsat' | 'feeMsat'> {
  const { leastAmountMsat, feeCeilingMsat } = told;
  const amountMsat = isAmount(told.amountMsat) ? Math.max(told.amountMsat, leastAmountMsat) : leastAmountMsat;
  const isFee = isAmount(told.feeMsat) && Number.isSafeInteger(amountMsat + told.feeMsat);
  return { amountMsat, feeMsat: isFee ? Number(told.feeMsat) : feeCeilingMsat(amountMsat) };
}

function isAmount(value: number | null): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
