import { bech32 } from '@scure/base';

const BITS_PER_WORD = 5;

/**
 * Bytes of a run of 5-bit words, or `null` when the padding is not what a writer must put there (fewer than 5 bits, all 0). Written out: every challenge
 * reads an invoice, and the library's conversion between any two bases took a twelfth of its time.
 */
export function wordsToBytes(words: Uint8Array): Uint8Array | null {
  const bits = words.length * BITS_PER_WORD;
  const bytes = new Uint8Array(Math.floor(bits / 8));
  let carry = 0;
  let carried = 0;
  let at = 0;
  for (let index = 0; index < words.length; index += 1) {
    carry = ((carry << BITS_PER_WORD) | (words[index] ?? 0)) & 0xfff;
    carried += BITS_PER_WORD;
    if (carried >= 8) {
      carried -= 8;
      bytes[at++] = (carry >> carried) & 0xff;
    }
  }
  const isPadding = carried < BITS_PER_WORD && (carry & ((1 << carried) - 1)) === 0;
  return isPadding ? bytes : null;
}

/** The same for any run of words: zero bits fill up the last byte. */
export function packWords(words: Uint8Array): Uint8Array {
  const length = Math.ceil((words.length * BITS_PER_WORD) / 8);
  // With a few words more, words and bytes end together.
  const padded = new Uint8Array(Math.ceil(words.length / 8) * 8);
  padded.set(words);
  return (wordsToBytes(padded) ?? padded).subarray(0, length);
}

export function bytesToWords(bytes: Uint8Array): number[] {
  return bech32.toWords(bytes);
}

/** A big-endian number in 5-bit words, or `null` above `max`. */
export function wordsToNumber(words: Uint8Array, max: number): number | null {
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
