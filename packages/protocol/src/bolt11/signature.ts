import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/curves/utils.js';
import { ok, type Result, refuse } from '../result.js';
import { nativeCurve } from './native-curve.js';
import { packWords } from './words.js';

/** r, s and the number that tells which key signed. */
export const SIGNATURE_BYTES = 65;

/** SHA-256 over the human-readable part and the data words, padded with zero bits to whole bytes. */
export function invoiceDigest(humanPart: string, words: Uint8Array): Uint8Array {
  return createHash('sha256').update(humanPart, 'utf8').update(packWords(words)).digest();
}

/**
 * Finds out who signed: the key of the `n` field where there is one, else the one recovered from the signature.
 *
 * @returns the compressed key in hex, or `INVOICE_SIGNATURE_INVALID`.
 * @see BOLT 11: with an `n` field the signature must be low-S; for recovery a high-S one is good too.
 */
export function verifySigner(digest: Uint8Array, signature: Uint8Array, namedPayeeHex: string | null): Result<string> {
  const recoveryId = signature[64] ?? 4;
  if (recoveryId > 3) return refuse('INVOICE_SIGNATURE_INVALID', 'Its recovery number is above 3.');
  try {
    return namedPayeeHex === null
      ? ok(recoverSigner(digest, signature, recoveryId))
      : verifyNamed(digest, signature, namedPayeeHex);
  } catch {
    // The curve library throws on numbers out of range and on points that are not on the curve.
    return refuse('INVOICE_SIGNATURE_INVALID', 'No key can have made it.');
  }
}

/** Both libraries throw where no key can have made it; a test holds them to the same answers. */
export function recoverSigner(
  digest: Uint8Array,
  signature: Uint8Array,
  recoveryId: number,
  curve: typeof nativeCurve = nativeCurve,
): string {
  if (curve !== null) return bytesToHex(curve.ecdsaRecover(signature.subarray(0, 64), recoveryId, digest, true));
  const recovered = concatBytes(Uint8Array.of(recoveryId), signature.subarray(0, 64));
  return bytesToHex(secp256k1.recoverPublicKey(recovered, digest, { prehash: false }));
}

function verifyNamed(digest: Uint8Array, signature: Uint8Array, payeeHex: string): Result<string> {
  const options = { prehash: false, lowS: true };
  const good = secp256k1.verify(signature.subarray(0, 64), digest, hexToBytes(payeeHex), options);
  return good
    ? ok(payeeHex)
    : refuse('INVOICE_SIGNATURE_INVALID', 'It is not a low-S signature of the payee named in it.');
}

/** Signs deterministically (RFC 6979), low-S: r, s, recovery number. */
export function signInvoice(
  digest: Uint8Array,
  privateKey: Uint8Array,
  curve: typeof nativeCurve = nativeCurve,
): Uint8Array {
  if (curve !== null) {
    const { signature, recid } = curve.ecdsaSign(digest, privateKey);
    return concatBytes(signature, Uint8Array.of(recid));
  }
  const recovered = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' });
  return concatBytes(recovered.subarray(1), recovered.subarray(0, 1));
}
