import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are one, in a time that tells nothing of either, its length included. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
