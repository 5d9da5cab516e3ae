import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { viewOf } from './hex.js';

const BLOCK = 64;
const DIGEST = 32;
/** Longer messages take the library's way; macaroon parts never are. */
const SCRATCH_MESSAGE = 4096;

const inner = Buffer.alloc(BLOCK + SCRATCH_MESSAGE, 0x36);
const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);

export function sha256(bytes: Uint8Array): Uint8Array {
  // A string out of the hash and back is twice as fast as letting it make a Buffer.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** Whether two byte strings are equal, in a time that says nothing about where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * HMAC-SHA256 (RFC 2104). Verifying a credential is a dozen of these: for keys of 32 bytes it is written out over the one-shot hash, which takes less than half of
 * the time that `createHmac` takes. Nothing here yields, so the scratch space is never shared.
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  if (key.length !== DIGEST || message.length > SCRATCH_MESSAGE) {
    return createHmac('sha256', key).update(message).digest();
  }
  for (let at = 0; at < DIGEST; at += 1) {
    const byte = key[at] ?? 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  inner.set(message, BLOCK);
  const digest = hash('sha256', inner.subarray(0, BLOCK + message.length), 'binary');
  outer.write(digest, BLOCK, 'latin1');
  return Buffer.from(hash('sha256', outer, 'binary'), 'latin1');
}

/** Visible ASCII without spaces as a string; `null` for any other bytes. */
export function visibleAscii(bytes: Uint8Array): string | null {
  const text = viewOf(bytes).toString('latin1');
  return /^[\x21-\x7e]*$/.test(text) ? text : null;
}
