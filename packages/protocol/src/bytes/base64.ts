import { viewOf } from './hex.js';

const STANDARD = /^[A-Za-z0-9+/]*(={0,2})$/;
const URL_SAFE = /^[A-Za-z0-9_-]*(={0,2})$/;

/** Standard alphabet, padded. */
export function bytesToBase64(bytes: Uint8Array): string {
  return viewOf(bytes).toString('base64');
}

/**
 * Reads base64 in the standard or the URL-safe alphabet, padded or not; `null` for anything else.
 * Stricter than RFC 4648 asks: mixed alphabets, wrong padding and unused bits that are set are refused, so that bytes have
 * few spellings and nobody can make a second text for them by flipping a bit.
 */
export function base64ToBytes(text: string): Uint8Array | null {
  const padding = (STANDARD.exec(text) ?? URL_SAFE.exec(text))?.[1];
  if (padding === undefined) return null;
  const digits = text.length - padding.length;
  if (padding !== '' && text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  return hasUnusedBits(text, digits, bytes) ? null : bytes;
}

/** The last digit of a partial group carries 2 or 4 bits that stand for nothing; a group of one digit stands for nothing at all. */
function hasUnusedBits(text: string, digits: number, bytes: Buffer): boolean {
  const rest = digits % 4;
  if (rest === 0) return false;
  const written = bytes.subarray(bytes.length - (rest - 1)).toString('base64url');
  const last = text.charAt(digits - 1);
  return written.charAt(rest - 1) !== urlSafe(last);
}

function urlSafe(digit: string): string {
  if (digit === '+') return '-';
  return digit === '/' ? '_' : digit;
}
