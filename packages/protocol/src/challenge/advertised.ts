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
