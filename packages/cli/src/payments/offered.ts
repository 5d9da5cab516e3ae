import type { UnusedPurchase } from '@satway/client';
import { addressOf } from './describe.js';

/** SHA-256 of nothing: what a call without a body has. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** What is paid and can still be used, for programs. */
export function offeredAsJson(offered: UnusedPurchase): Record<string, unknown> {
  const { purchase, answerDue, usesLeft, expiresAtMs } = offered;
  const { purchaseId, paymentHashHex, method, url, amountMsat } = purchase;
  return {
    purchaseId,
    paymentHash: paymentHashHex,
    method,
    url: addressOf(url),
    amountMsat,
    answerDue,
    usesLeft,
    expiresAtMs,
    howToUse: howToUse(offered),
  };
}

/** The same for people. */
export function offeredAsLines(offered: UnusedPurchase): string[] {
  const { purchase, usesLeft, expiresAtMs } = offered;
  const left =
    usesLeft === null ? 'it does not say how many calls' : `${usesLeft} ${usesLeft === 1 ? 'call' : 'calls'} left`;
  const until = expiresAtMs === null ? '' : `, until ${new Date(expiresAtMs).toISOString()}`;
  return [
    `${purchase.paymentHashHex}  paid, ${left}${until}`,
    `  ${purchase.method} ${addressOf(purchase.url)}`,
    `  ${howToUse(offered)}`,
  ];
}

/** How to get what was paid for, without paying again. */
function howToUse({ purchase, answerDue }: UnusedPurchase): string {
  const { method, url, bodySha256Hex, keyGiven } = purchase;
  if (!answerDue) return 'Further calls of the same endpoint, with this wallet and store, use it by themselves.';
  const body = bodySha256Hex === NO_BODY ? 'no body' : `the same body (SHA-256 ${bodySha256Hex.slice(0, 16)}…)`;
  const call = `${method} ${addressOf(url)} with ${body}${new URL(url).search === '' ? '' : ' and the same query'}`;
  return keyGiven
    ? `Make the same call again under its Idempotency-Key ("satway pay": the same command again), ${call}: it pays nothing more.`
    : `Call it again from a program with this wallet and store, ${call}, without an Idempotency-Key: it pays nothing more.`;
}
