const DIGITS = /^(?:0|[1-9][0-9]{0,15})$/;
/** Caps of `uses`, `n_uses` and `max_sats`. */
export const MAX_COUNT = 4_294_967_295;

/** A whole number in its one canonical form (no sign, no leading zero, no exponent); `null` for any other text or one above 2^53 - 1. */
export function parseCanonicalInteger(text: string): number | null {
  if (!DIGITS.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

export function isCount(value: number): boolean {
  return value >= 1 && value <= MAX_COUNT;
}

export function isPriceMsat(value: number): boolean {
  return value >= 1;
}
