import { type Finding, ok, warn } from '../check.js';
import type { Learned, UnresolvedFacts } from '../facts/index.js';

/** Payments whose end nobody knows hold a part of the budget, and block a second purchase of the same thing. */
export function checkUnresolved(unresolved: Learned<readonly UnresolvedFacts[]>): Finding {
  if (!unresolved.known) {
    return warn(`What was paid cannot be read: ${unresolved.why}`, 'Mend it: no purchase is made without it.');
  }
  const open = unresolved.value.filter(({ inHand }) => !inHand);
  if (open.length === 0) return ok('Every payment has an end that is known.');
  const stuck = open.filter(({ diagnosis }) => diagnosis === 'stuck').length;
  const words = `${open.length} payments have no known end${stuck === 0 ? '' : `, ${stuck} of them stuck for ever`}`;
  return warn(
    `${words}: ${open.map(describe).join(', ')}.`,
    `satway wallet resolve shows them, asks the wallet, and lets a person end them.${lookUpsOf(open)}`,
  );
}

/** What a person sent by hand can also be looked up by hand. */
function lookUpsOf(open: readonly UnresolvedFacts[]): string {
  const direct = open.filter(({ isDirect }) => isDirect);
  if (direct.length === 0) return '';
  const commands = direct.map(({ paymentHashHex }) => `satway wallet look-up ${paymentHashHex}`);
  return ` Those of satway wallet pay: ${commands.join('; ')}.`;
}

function describe({ paymentHashHex, amountMsat, ageMs, diagnosis }: UnresolvedFacts): string {
  if (amountMsat === null || ageMs === null) return `${paymentHashHex.slice(0, 8)}… (its record is damaged)`;
  const hours = Math.floor(ageMs / 3_600_000);
  const since = hours === 0 ? 'less than an hour' : `${hours} h`;
  const more = diagnosis === 'stuck' ? ', stuck' : diagnosis === 'otherWallet' ? ', of another wallet' : '';
  return `${paymentHashHex.slice(0, 8)}… (${amountMsat} msat, ${since}${more})`;
}
