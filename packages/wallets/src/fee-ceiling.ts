/**
 * The fee that a wallet which can bound its fees is given room for, unless configured otherwise: the larger of 1 sat and 1 % of the amount,
 * rounded up to the millisatoshi.
 */
export function usualFeeCeilingMsat(amountMsat: number): number {
  return Math.max(1000, Math.ceil(amountMsat / 100));
}
