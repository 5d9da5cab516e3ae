import { SatwayError } from '@satway/base';
import type { InvoiceRequest, IssuedInvoice } from './wallet.js';

/**
 * So far may a wallet's clock be from ours. Clocks that are set from the network differ by less than a second, those that nobody sets drift by seconds to a few minutes; a
 * wrong time zone is at least a quarter of an hour.
 */
const CLOCK_SLACK_MS = 300_000;
/** An invoice that was asked for minutes is for nobody any more when so much of it is left; a payment takes that long. */
const LAST_MOMENTS_MS = 10_000;
/** One that was asked for less than this is handed out as long as anything of it is left. */
const SHORT_EXPIRY_MS = 100_000;
/** A third of the longest life that a credential can have: no credential could be made to outlive a longer one well. */
const LONGEST_MS = 20 * 86_400_000;

/** When an invoice was made by the wallet's clock, and when it expires by it. */
export type IssuedTimes = Pick<IssuedInvoice, 'createdAtMs' | 'expiresAtMs'>;

/**
 * Judges when a new invoice was made and until when it can be paid. A wallet that gives another expiry than it was asked for is taken as it is, since many do: whoever sells has
 * to see that the credential lives longer. What nobody can sell with is a clock that is off.
 *
 * @param nowMs - by our clock, when the invoice had come.
 * @returns `null` for one that can be sold. `WALLET_CLOCK_OFF` for one that is dated more than 5 minutes ahead, and for one that is dated more than 5 minutes back and has expired, or is as good as
 * expired, when it comes; `INVOICE_NOT_AS_ASKED` for one that has expired though the clocks agree so far: too short for this wallet, which can sell others. `WALLET_ANSWER_INVALID` for one that can be paid for more than 20 days without having been asked for so much.
 */
export function findTimeFault(issued: IssuedTimes, asked: InvoiceRequest, nowMs: number): SatwayError | null {
  const { createdAtMs, expiresAtMs } = issued;
  const askedMs = asked.expirySeconds * 1000;
  if (createdAtMs > nowMs + CLOCK_SLACK_MS) {
    return clockOff(`The new invoice is dated ${seconds(createdAtMs - nowMs)} after this machine's time.`);
  }
  if (expiresAtMs - nowMs <= (askedMs < SHORT_EXPIRY_MS ? 0 : LAST_MOMENTS_MS)) return expired(issued, nowMs);
  if (expiresAtMs - nowMs <= Math.max(LONGEST_MS, askedMs + CLOCK_SLACK_MS)) return null;
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The new invoice can be paid for more than 20 days.' });
}

function expired({ createdAtMs, expiresAtMs }: IssuedTimes, nowMs: number): SatwayError {
  const lasts = `lasts ${seconds(expiresAtMs - createdAtMs)}`;
  const dated = `is dated ${seconds(Math.max(0, nowMs - createdAtMs))} before this machine's time`;
  const detail = `The new invoice has expired, or will in a moment: it ${dated} and ${lasts}.`;
  return nowMs - createdAtMs > CLOCK_SLACK_MS ? clockOff(detail) : new SatwayError('INVOICE_NOT_AS_ASKED', { detail });
}

function clockOff(detail: string): SatwayError {
  return new SatwayError('WALLET_CLOCK_OFF', { detail });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
