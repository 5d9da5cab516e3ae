import type { Money } from '../context/index.js';

/** Millisatoshis as satoshis: whole where they are whole, else with three places. */
export function formatSats(amountMsat: number): string {
  const sats = amountMsat / 1000;
  return `${Number.isInteger(sats) ? String(sats) : sats.toFixed(3)} sats`;
}

/** The last lines of every answer to a call. */
export function moneyLines(costMsat: number, { sessionSpentMsat, remainingMsat }: Money): string {
  return [
    `Cost: ${formatSats(costMsat)}`,
    `Session spending: ${formatSats(sessionSpentMsat)} | Remaining budget: ${formatSats(remainingMsat)}`,
  ].join('\n');
}
