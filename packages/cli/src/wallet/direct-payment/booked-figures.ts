import type { SettledPayment } from '@satway/wallets';

/** What is booked of a payment that settled. */
export interface BookedFigures {
  readonly amountMsat: number;
  readonly feeMsat: number;
  /** What was wrong with the wallet's own figures; `null` where nothing was. */
  readonly warning: string | null;
}

/**
 * A wallet's figures, booked only upwards of what must have left: at least the invoice's amount; a negative fee as none, and one that is no amount as all that
 * was allowed. So what is written down can always be read again.
 */
export function bookedFigures(
  told: Pick<SettledPayment, 'amountMsat' | 'feeMsat'>,
  { amountMsat: dueMsat, feeLimitMsat }: { readonly amountMsat: number; readonly feeLimitMsat: number },
): BookedFigures {
  const amountMsat = Number.isSafeInteger(told.amountMsat) ? Math.max(told.amountMsat, dueMsat) : dueMsat;
  const feeMsat = Number.isSafeInteger(told.feeMsat) ? Math.max(told.feeMsat, 0) : feeLimitMsat;
  const isAsTold = amountMsat === told.amountMsat && feeMsat === told.feeMsat;
  return { amountMsat, feeMsat, warning: isAsTold ? null : WRONG_FIGURES };
}

const WRONG_FIGURES = 'The wallet told figures that cannot be right; see in the wallet itself what the payment cost.';
