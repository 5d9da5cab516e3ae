import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hexToBytes } from '@satway/protocol';

/**
 * The x coordinate of the shared point of a secret and an x-only public key, which stands for the point with an even y; `null` where one of
 * the two is none.
 */
export function sharedX(secret: Uint8Array, pubkeyHex: string): Uint8Array | null {
  const point = hexToBytes(`02${pubkeyHex}`);
  if (!point.ok) return null;
  try {
    return secp256k1.getSharedSecret(secret, Uint8Array.from(point.value)).subarray(1, 33);
  } catch {
    return null;
  }
}
