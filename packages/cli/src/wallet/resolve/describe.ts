import { formatMsat } from '../../amounts.js';
import type { Examined } from './examine.js';

/** One purchase for programs. The query of its address is left out: it may hold what is nobody else's business. */
export function resolvedAsJson({ purchase, walletSays, detail, diagnosis }: Examined): Record<string, unknown> {
  const { purchaseId, paymentHashHex, state, amountMsat, feeCeilingMsat, createdAtMs, outcome } = purchase;
  return {
    purchaseId,
    paymentHash: paymentHashHex,
    url: addressOf(purchase.url),
    amountMsat,
    feeCeilingMsat,
    createdAtMs,
    state,
    walletSays,
    detail,
    diagnosis: diagnosis?.verdict ?? null,
    diagnosisDetail: diagnosis?.detail ?? null,
    decision: purchase.state === 'failed' ? outcome : null,
  };
}

/** What the journal calls a failure since it is over, though nothing proves that the payment failed. */
const END_BY_HAND: Readonly<Record<string, string>> = {
  written_off: 'booked as spent',
  released: 'released as failed',
};

/** The same for people. */
export function resolvedAsLines({ purchase, walletSays, detail, diagnosis }: Examined): string[] {
  const { paymentHashHex, url, amountMsat, feeCeilingMsat, createdAtMs, state, failure, outcome } = purchase;
  const price = `${formatMsat(amountMsat)} and at most ${formatMsat(feeCeilingMsat)} in fees`;
  return [
    `${paymentHashHex}  ${END_BY_HAND[failure ?? ''] ?? state}`,
    `  ${addressOf(url)}, ${price}, since ${new Date(createdAtMs).toISOString()}`,
    ...(walletSays === null ? [] : [`  The wallet says: ${walletSays}.`]),
    ...(detail === null ? [] : [`  ${detail}`]),
    ...(diagnosis === null ? [] : [`  ${diagnosis.verdict === 'stuck' ? 'Stuck: ' : ''}${diagnosis.detail}`]),
    ...(state === 'failed' && outcome !== null ? [`  ${outcome}`] : []),
  ];
}

function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
