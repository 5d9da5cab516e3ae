import type { Clock } from '../l402-client/options.js';

/** What a wallet needs at least to send a payment before it is refused for its age. */
const LAST_MOMENT_MS = 1_000;

/** Whether an invoice has expired, or has before a wallet could pay it. */
export function isExpiring(clock: Pick<Clock, 'nowMs'>, invoiceExpiresAtMs: number): boolean {
  return clock.nowMs() + LAST_MOMENT_MS >= invoiceExpiresAtMs;
}
