import { ok, type Result, refuse } from '../result.js';

const HEX = /^(?:[0-9a-f]{2})*$/;
const HEX_64 = /^[0-9a-f]{64}$/;

/** Lower-case hex. */
export function bytesToHex(bytes: Uint8Array): string {
  return viewOf(bytes).toString('hex');
}

/** Reads lower-case hex of whole bytes; anything else is `HEX_MALFORMED`. */
export function hexToBytes(text: string): Result<Uint8Array> {
  if (!HEX.test(text)) return refuse('HEX_MALFORMED', 'It is not an even number of the digits 0-9 and a-f.');
  return ok(Buffer.from(text, 'hex'));
}

/** Whether a text is 32 bytes as lower-case hex, the form of hashes, keys and preimages here. */
export function isHex64(text: string): boolean {
  return HEX_64.test(text);
}

/** The same bytes as a Buffer; nothing is copied. */
export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
