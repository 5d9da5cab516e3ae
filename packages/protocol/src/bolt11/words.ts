import { bech32 } from '@scure/base';

/** Bytes of a run of 5-bit words, or `null` when the padding is not what a writer must put there (fewer than 5 bits, all 0). */
export function wordsToBytes(words: number[]): Uint8Array | null {
  return bech32.fromWordsUnsafe(words) ?? null;
}

export function bytesToWords(bytes: Uint8Array): number[] {
  return bech32.toWords(bytes);
}

/** A big-endian number in 5-bit words, or `null` above `max`. */
export function wordsToNumber(words: readonly number[], max: number): number | null {
  let value = 0;
  for (const word of words) {
    value = value * 32 + word;
    if (value > max) return null;
  }
  return value;
}

/** The fewest words that hold the number; none for 0 unless `length` asks for leading zeros. */
export function numberToWords(value: number, length = 0): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) words.unshift(rest % 32);
  while (words.length < length) words.unshift(0);
  return words;
}
