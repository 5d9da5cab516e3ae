import type { InvoicePayer } from '@satway/wallets';

/** Where nothing else is configured: the larger of 1 sat and 1 %, rounded up to the millisatoshi. */
export function defaultFeeCeilingMsat(amountMsat: number): number {
  return Math.max(1000, Math.ceil(amountMsat / 100));
}

/**
 * What to reserve for fees: what the wallet says it can cost at most, else the configured ceiling. A ceiling that is no amount counts as none,
 * so the answer is a non-negative safe integer always.
 */
export function feeCeilingFor(
  wallet: Pick<InvoicePayer, 'feeCeilingMsat'>,
  configured: (amountMsat: number) => number,
  amountMsat: number,
): number {
  const ceilings = [wallet.feeCeilingMsat(amountMsat), configured(amountMsat), defaultFeeCeilingMsat(amountMsat)];
  return ceilings.find((ceiling): ceiling is number => isAmount(ceiling)) ?? 0;
}

function isAmount(value: number | null): value is number {
  return value !== null && Number.isSafeInteger(value) && value >= 0;
}
