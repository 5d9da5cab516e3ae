/** What every payment costs, and the part of the amount that comes on top. */
const BASE_FEE_MSAT = 4000;
const FEE_DIVISOR = 250;

/**
 * What phoenixd takes for a payment: 4 sat and 0.4 % of the amount, the price of the one node through which it sends. It has one level of fees and
 * does not try again for more.
 *
 * @param amountMsat - non-negative safe integer.
 * @returns rounded up to the millisatoshi; phoenixd rounds down.
 */
export function phoenixdFeeMsat(amountMsat: number): number {
  return BASE_FEE_MSAT + Math.ceil(amountMsat / FEE_DIVISOR);
}
