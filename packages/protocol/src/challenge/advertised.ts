import { base64ToBytes } from '../bytes/base64.js';
import type { PaymentChallenge } from './parse.js';

/** Names under which sellers say in the header what the invoice asks for, and what one of each is in millisatoshis. Lower case, as parameters are read. */
const UNIT_MSAT: ReadonlyMap<string, number> = new Map([
  ...['pricesats', 'amountsats', 'price_sats', 'amount_sats'].map((name) => [name, 1000] as const),
  ...['pricemsat', 'amountmsat', 'price_msat', 'amount_msat'].map((name) => [name, 1] as const),
]);
/** Satoshis, unless a currency beside them says otherwise. */
const LOOSE_NAMES = ['price', 'amount'];
const SATOSHI_NAMES: ReadonlySet<string> = new Set(['sat', 'sats', 'satoshi', 'satoshis']);
const NUMBER = /^[0-9]{1,15}(?:\.[0-9]{1,3})?$/;

/**
 * The price that the parameters of a challenge name besides its invoice.
 *
 * @param params - names in lower case, as `parseChallenges` gives them.
 * @returns millisatoshis; `null` where no price is named; 0, which no invoice meets, where two are named or one that is no number.
 */
export function advertisedByParams(params: ReadonlyMap<string, string>): number | null {
  const prices = [...UNIT_MSAT].flatMap(([name, unit]) => priceIn(params.get(name), unit, true));
  const loose = isInSatoshis(params.get('currency'))
    ? LOOSE_NAMES.flatMap((name) => priceIn(params.get(name), 1000, false))
    : [];
  const [first = null, ...others] = [...prices, ...loose];
  return others.every((other) => other === first) ? first : 0;
}

function isInSatoshis(currency: string | undefined): boolean {
  return currency === undefined || SATOSHI_NAMES.has(currency.toLowerCase());
}

function priceIn(value: string | undefined, unitMsat: number, isStrict: boolean): number[] {
  if (value === undefined || value === '') return [];
  if (NUMBER.test(value)) return [Math.round(Number(value) * unitMsat)];
  return isStrict ? [0] : [];
}

/**
 * The price that a challenge of the `Payment` scheme names, where it is paid over Lightning.
 *
 * @returns millisatoshis; `null` where it is about another way to pay, another currency, or cannot be read; 0, which no invoice meets, where its amount is no
 *   number of satoshis.
 * @see draft-ryan-httpauth-payment, the `charge` intent.
 */
export function advertisedByPayment({ method, request }: PaymentChallenge): number | null {
  const content = method?.toLowerCase() === 'lightning' && request !== null ? decodeRequest(request) : null;
  if (content === null || !Object.hasOwn(content, 'amount')) return null;
  const { amount, currency } = content as { amount?: unknown; currency?: unknown };
  if (currency !== undefined && (typeof currency !== 'string' || !isInSatoshis(currency))) return null;
  return priceIn(String(amount), 1000, true)[0] ?? 0;
}

function decodeRequest(text: string): object | null {
  const bytes = base64ToBytes(text);
  try {
    const value: unknown = bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
