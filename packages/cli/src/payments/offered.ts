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
  const { paymentHashHex, bodySha256Hex, keyGiven } = purchase;
  const body = bodySha256Hex === NO_BODY ? '' : ' -d @FILE with the same body';
  const command = `satway payments use ${paymentHashHex.slice(0, 16)}${body}`;
  if (!answerDue)
    return `Further calls of the same endpoint, with this wallet and store, use it by themselves; or: ${command}`;
  const key = keyGiven ? 'under its Idempotency-Key' : 'without an Idempotency-Key';
  return `${command}; or the same call again from its program, with this wallet and store, ${key}. Neither pays anything more.`;
}
