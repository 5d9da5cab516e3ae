import { OWN_OUTCOMES, type Purchase } from '@satway/client';
import { formatMsat } from '../amounts.js';
import { plainText } from '../output/index.js';

/** Where a call went, without its query, which may hold what is nobody else's business. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** One purchase for programs. Neither the credential nor the preimage nor the key of the call is in it. */
export function paymentAsJson(purchase: Purchase): Record<string, unknown> {
  const { purchaseId, paymentHashHex, state, method, url, origin, amountMsat, feeMsat, feeCeilingMsat } = purchase;
  const { budgetId, walletId, sendCount, failure, outcome, createdAtMs, paidAtMs, updatedAtMs } = purchase;
  return {
    purchaseId,
    paymentHash: paymentHashHex,
    state,
    method,
    url: addressOf(url),
    host: new URL(origin).host,
    amountMsat,
    feeMsat,
    feeCeilingMsat,
    budgetId,
    walletId,
    sendCount,
    failure,
    outcome,
    createdAtMs,
    paidAtMs,
    updatedAtMs,
  };
}

/** Everything about one purchase, for people. */
export function paymentAsLines(purchase: Purchase): string[] {
  const { purchaseId, paymentHashHex, state, method, url, origin, amountMsat, budgetId, failure, outcome } = purchase;
  const { host } = new URL(origin);
  return [
    `${paymentHashHex}  ${state}`,
    `  ${method} ${addressOf(url)}`,
    ...(new URL(url).host === host ? [] : [`  sold by ${host}`]),
    `  ${formatMsat(amountMsat)} and ${feeOf(purchase)}, budget ${plainText(budgetId)}`,
    `  ${timesOf(purchase)}`,
    ...(failure === null ? [] : [`  failed: ${plainText(failure)}`]),
    ...(outcome === null ? [] : [`  ${outcomeLine(state, outcome)}`]),
    `  purchase ${purchaseId}`,
  ];
}

/** Of what is redeemed the seller said something; in every other state, and in a few words of ours, this side did. */
function outcomeLine(state: Purchase['state'], outcome: string): string {
  const isOurs = state !== 'redeemed' || Object.values<string>(OWN_OUTCOMES).includes(outcome);
  return isOurs ? plainText(outcome) : `the seller said ${plainText(outcome)}`;
}

function feeOf({ feeMsat, feeCeilingMsat }: Purchase): string {
  return feeMsat === null ? `at most ${formatMsat(feeCeilingMsat)} in fees` : `${formatMsat(feeMsat)} in fees`;
}

function timesOf({ createdAtMs, paidAtMs, updatedAtMs }: Purchase): string {
  const paid = paidAtMs === null ? '' : `, paid ${momentOf(paidAtMs)}`;
  return `begun ${momentOf(createdAtMs)}${paid}, changed last ${momentOf(updatedAtMs)}`;
}

function momentOf(ms: number): string {
  return new Date(ms).toISOString();
}
