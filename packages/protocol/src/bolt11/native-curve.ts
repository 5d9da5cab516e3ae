import { createRequire } from 'node:module';

/** What of the native library is used here; digests are 32 bytes, signatures 64. */
interface NativeCurve {
  /** The compressed key that signed. Throws where none can have. */
  ecdsaRecover(signature: Uint8Array, recoveryId: number, digest: Uint8Array, compressed: true): Uint8Array;
  /** Deterministic (RFC 6979), low-S. Throws for a key out of range. */
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { readonly signature: Uint8Array; readonly recid: number };
}

/**
 * libsecp256k1, where the optional package is installed with a binary for this machine: it finds a signer, and signs, some twenty times faster,
 * and that is most of what reading and writing an invoice costs. `null` elsewhere; its own JavaScript fall-back is not wanted.
 */
export const nativeCurve: NativeCurve | null = loadNativeCurve();

function loadNativeCurve(): NativeCurve | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)('secp256k1/bindings');
    return isNativeCurve(loaded) ? loaded : null;
  } catch {
    // Not installed, or no binary for this platform.
    return null;
  }
}

function isNativeCurve(loaded: unknown): loaded is NativeCurve {
  if (typeof loaded !== 'object' || loaded === null) return false;
  return ['ecdsaRecover', 'ecdsaSign'].every((name) => typeof Reflect.get(loaded, name) === 'function');
}
