import { ok, type Result, refuse } from '../result.js';

/** Even number of each feature pair that a payer of BOLT11 invoices understands (BOLT 9, context `9`). */
const FEATURE = { variableOnion: 8, paymentSecret: 14, basicMultiPart: 16, paymentMetadata: 48 } as const;
const KNOWN: ReadonlySet<number> = new Set(Object.values(FEATURE));

/** What the invoices of common nodes set: variable onion, payment secret (required), multi-part. */
export const DEFAULT_FEATURES: readonly number[] = [9, 14, 17];

/** The highest bit that a field of 1,023 words can hold. */
export const MAX_FEATURE_BIT = 1023 * 5 - 1;

/** Numbers of the bits set in a `9` field, whose last word holds bit 0 lowest. */
export function readFeatures(words: Uint8Array): Set<number> {
  const bits = new Set<number>();
  for (const [index, word] of words.entries()) {
    const base = (words.length - 1 - index) * 5;
    for (let bit = 0; bit < 5; bit += 1) if ((word >> bit) & 1) bits.add(base + bit);
  }
  return bits;
}

/** The shortest `9` field for these bits; no words for none. */
export function writeFeatures(bits: Iterable<number>): number[] {
  const set = [...new Set(bits)];
  const words = Array.from({ length: Math.ceil((Math.max(-1, ...set) + 1) / 5) }, () => 0);
  for (const bit of set) {
    const index = words.length - 1 - Math.floor(bit / 5);
    words[index] = (words[index] ?? 0) | (1 << (bit % 5));
  }
  return words;
}

/**
 * Refuses an invoice that demands what no payer here can do, or whose features lack what they build on.
 *
 * @returns `INVOICE_FEATURE_UNKNOWN` with the bit in the detail.
 * @see BOLT 11, feature bits: unknown even bits fail, unknown odd bits are ignored, dependencies must be set.
 */
export function checkFeatures(bits: ReadonlySet<number>): Result<ReadonlySet<number>> {
  const unknown = [...bits].find((bit) => bit % 2 === 0 && !KNOWN.has(bit));
  if (unknown !== undefined) return refuse('INVOICE_FEATURE_UNKNOWN', `It requires feature ${unknown}.`);
  const offers = (feature: number): boolean => bits.has(feature) || bits.has(feature + 1);
  if (offers(FEATURE.basicMultiPart) && !offers(FEATURE.paymentSecret)) {
    return refuse('INVOICE_FEATURE_UNKNOWN', 'It offers multi-part payments (16) without a payment secret (14).');
  }
  if (offers(FEATURE.paymentSecret) && !offers(FEATURE.variableOnion)) {
    return refuse('INVOICE_FEATURE_UNKNOWN', 'It offers a payment secret (14) without the variable onion (8).');
  }
  return ok(bits);
}
