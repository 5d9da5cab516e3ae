import type { Money } from '../context/index.js';

/** Millisatoshis as satoshis: whole where they are whole, else with three places. */
export function formatSats(amountMsat: number): string {
  const sats = amountMsat / 1000;
  return `${Number.isInteger(sats) ? String(sats) : sats.toFixed(3)} sats`;
}

/** What a call cost, in millisatoshis. */
export interface CallCost {
  readonly costMsat: number;
  /** Held back for a payment of which is not known whether it went through; 0 otherwise. */
  readonly heldMsat: number;
}

/** The last lines of every answer to a call. */
export function moneyLines({ costMsat, heldMsat }: CallCost, { sessionSpentMsat, remainingMsat }: Money): string {
  const held = `not known yet; ${formatSats(heldMsat)} are reserved until the payment is decided`;
  return [
    `Cost: ${heldMsat > 0 ? held : formatSats(costMsat)}`,
    `Session spending: ${formatSats(sessionSpentMsat)} | Remaining budget: ${formatSats(remainingMsat)}`,
  ].join('\n');
}
