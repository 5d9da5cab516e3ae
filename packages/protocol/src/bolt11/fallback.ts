import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';
import type { FallbackAddress } from './invoice.js';
import { bytesToWords, wordsToBytes } from './words.js';

const P2PKH = 17;
const P2SH = 18;

/** The address of an `f` field, or `null` for one to skip: an unknown version, or a program that no address can have. */
export function readFallback(words: Uint8Array): FallbackAddress | null {
  const version = words[0];
  const program = wordsToBytes(words.subarray(1));
  if (version === undefined || program === null || !isProgram(version, program.length)) return null;
  return { version, programHex: bytesToHex(program) };
}

export function writeFallback(address: FallbackAddress): number[] {
  return [address.version, ...bytesToWords(hexToBytes(address.programHex))];
}

function isProgram(version: number, length: number): boolean {
  if (version === P2PKH || version === P2SH) return length === 20;
  if (version === 0) return length === 20 || length === 32;
  return version <= 16 && length >= 2 && length <= 40;
}
