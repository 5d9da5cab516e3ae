import { createRequire } from 'node:module';

/** The one function of the native library that is used here: signature of 64 bytes, recovery number, digest of 32 bytes → compressed key. */
interface NativeCurve {
  ecdsaRecover(signature: Uint8Array, recoveryId: number, digest: Uint8Array, compressed: true): Uint8Array;
}

/**
 * libsecp256k1, where the optional package is installed with a binary for this machine: it finds a signer some twenty times faster, and that is most
 * of what reading an invoice costs. `null` elsewhere; its own JavaScript fall-back is not wanted.
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
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'ecdsaRecover' in loaded &&
    typeof loaded.ecdsaRecover === 'function'
  );
}
