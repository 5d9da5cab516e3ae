import { schnorr } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes, isHex64 } from '@satway/protocol';

/** Our own key of one connection. */
export interface NostrKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** x-only, 64 lower-case hex digits. */
  readonly pubkeyHex: string;
}

/** @returns `null` for what is no secret key of the curve. */
export function nostrKeyOf(secretHex: string): NostrKey | null {
  const read = hexToBytes(secretHex);
  if (!isHex64(secretHex) || !read.ok) return null;
  try {
    // A copy of its own type: noble takes plain arrays only.
    const secret = Uint8Array.from(read.value);
    return { secret, pubkeyHex: bytesToHex(schnorr.getPublicKey(secret)) };
  } catch {
    return null;
  }
}

/** A new key, from the system's randomness. */
export function newNostrKey(): NostrKey & { readonly secretHex: string } {
  const { secretKey, publicKey } = schnorr.keygen();
  return { secret: secretKey, secretHex: bytesToHex(secretKey), pubkeyHex: bytesToHex(publicKey) };
}

/** Whether a text names a point of the curve, as every public key does. */
export function isPubkey(pubkeyHex: string): boolean {
  if (!isHex64(pubkeyHex)) return false;
  try {
    schnorr.utils.lift_x(BigInt(`0x${pubkeyHex}`));
    return true;
  } catch {
    return false;
  }
}
