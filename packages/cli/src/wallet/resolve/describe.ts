import { formatMsat } from '../../amounts.js';
import type { ExaminedDirect } from './direct.js';
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
  writtenOff: 'booked as spent',
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

/** One payment of `satway wallet pay` for programs. */
export function directAsJson(examined: ExaminedDirect): Record<string, unknown> {
  const { paymentHashHex, record, walletSays, detail, diagnosis } = examined;
  const known = record === null || wasDamaged(record) ? null : record;
  return {
    paymentHash: paymentHashHex,
    amountMsat: known?.amountMsat ?? null,
    feeLimitMsat: known?.feeLimitMsat ?? null,
    createdAtMs: known?.createdAtMs ?? null,
    state: stateOf(examined),
    walletSays,
    detail,
    diagnosis: diagnosis?.verdict ?? null,
    diagnosisDetail: diagnosis?.detail ?? null,
    decision: record?.decision ?? null,
  };
}

/** As of a purchase: what a person ended is over. */
function stateOf({ record }: ExaminedDirect): string {
  if (record === null || record.state === 'sending') return 'unknown';
  return record.state === 'settled' ? 'settled' : 'failed';
}

/** The same for people. */
export function directAsLines(examined: ExaminedDirect): string[] {
  const { paymentHashHex, record, walletSays, detail, diagnosis } = examined;
  return [
    `${paymentHashHex}  ${END_BY_HAND[record?.state ?? ''] ?? stateOf(examined)}`,
    `  ${record === null ? 'paid by hand' : describeDirect(record)}`,
    ...(walletSays === null ? [] : [`  The wallet says: ${walletSays}.`]),
    ...(detail === null ? [] : [`  ${detail}`]),
    ...(diagnosis === null ? [] : [`  ${diagnosis.verdict === 'stuck' ? 'Stuck: ' : ''}${diagnosis.detail}`]),
    ...(record === null || record.decision === null ? [] : [`  ${record.decision}`]),
  ];
}

type DirectRecord = NonNullable<ExaminedDirect['record']>;

/** No invoice is paid that costs 0. */
const wasDamaged = ({ amountMsat }: DirectRecord): boolean => amountMsat === 0;

function describeDirect(record: DirectRecord): string {
  if (wasDamaged(record)) return 'satway wallet pay, of how much is not known';
  const { amountMsat, feeLimitMsat, createdAtMs } = record;
  const price = `${formatMsat(amountMsat)} and at most ${formatMsat(feeLimitMsat)} in fees`;
  return `satway wallet pay, ${price}, since ${new Date(createdAtMs).toISOString()}`;
}

function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
