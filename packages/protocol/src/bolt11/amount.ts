import { ok, type Result, refuse } from '../result.js';

const MSAT_PER_BITCOIN = 100_000_000_000n;
/** No invoice can ask for more than there will ever be. */
const MAX_AMOUNT_MSAT = 21_000_000n * MSAT_PER_BITCOIN;

/** Units of each multiplier that make one bitcoin, the largest unit first. */
const UNITS_PER_BITCOIN: readonly (readonly [multiplier: string, units: bigint])[] = [
  ['', 1n],
  ['m', 1_000n],
  ['u', 1_000_000n],
  ['n', 1_000_000_000n],
  ['p', 1_000_000_000_000n],
];

/**
 * Reads the amount of a human-readable part, such as `20m`, `2500u` or `1` (one bitcoin).
 *
 * @returns millisatoshis, `null` for no amount; else `INVOICE_AMOUNT_INVALID` or `INVOICE_SUB_MILLISATOSHI`.
 * @see BOLT 11, human-readable part. Stricter: what a writer must not write (leading zeros, 0) is refused too.
 */
export function parseAmount(text: string): Result<bigint | null> {
  if (text === '') return ok(null);
  const [, digits, multiplier] = /^([1-9][0-9]{0,19})([munp]?)$/.exec(text) ?? [];
  const units = UNITS_PER_BITCOIN.find(([letter]) => letter === multiplier)?.[1];
  if (digits === undefined || units === undefined) {
    return refuse('INVOICE_AMOUNT_INVALID', 'It is not a positive number with one of the multipliers m, u, n, p.');
  }
  const scaled = BigInt(digits) * MSAT_PER_BITCOIN;
  if (scaled % units !== 0n) return refuse('INVOICE_SUB_MILLISATOSHI', `The amount is ${text} bitcoin.`);
  if (scaled / units > MAX_AMOUNT_MSAT) return refuse('INVOICE_AMOUNT_INVALID', 'It is above 21 million bitcoin.');
  return ok(scaled / units);
}

/** Writes an amount with the largest multiplier that keeps it whole; `null` for an amount that no invoice can carry. */
export function formatAmount(amountMsat: bigint | null): string | null {
  if (amountMsat === null) return '';
  if (amountMsat <= 0n || amountMsat > MAX_AMOUNT_MSAT) return null;
  for (const [multiplier, units] of UNITS_PER_BITCOIN) {
    if ((amountMsat * units) % MSAT_PER_BITCOIN === 0n)
      return `${(amountMsat * units) / MSAT_PER_BITCOIN}${multiplier}`;
  }
  return null;
}

/** The amount of a decoded invoice as a number of millisatoshis; `AMOUNT_OUT_OF_RANGE` above 2^53 - 1. */
export function msatFromDecoded(amountMsat: bigint): Result<number> {
  if (amountMsat >= 0n && amountMsat <= BigInt(Number.MAX_SAFE_INTEGER)) return ok(Number(amountMsat));
  return refuse('AMOUNT_OUT_OF_RANGE', 'The amount does not fit into a safe integer of millisatoshis.');
}
