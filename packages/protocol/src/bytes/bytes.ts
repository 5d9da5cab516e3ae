import { createHash, timingSafeEqual } from 'node:crypto';
import { ok, type Result, refuse } from '../result.js';

const HEX_64 = /^[0-9a-f]{64}$/;

/** Whether a text is 32 bytes in lower-case hex. */
export function isHex64(text: string): boolean {
  return HEX_64.test(text);
}

export function bytesToHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Reads hex of either case with an even number of digits. */
export function hexToBytes(text: string): Result<Uint8Array> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    return refuse('HEX_MALFORMED', 'Not an even number of hex digits.');
  return ok(new Uint8Array(Buffer.from(text, 'hex')));
}

export function sha256(bytes: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** Compares without telling by its time where two byte strings differ; their length is no secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
