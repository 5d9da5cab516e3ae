import { secp256k1 } from '@noble/curves/secp256k1.js';

/** 33-byte compressed public key in hex. */
export function pubkeyHexOf(privateKeyHex: string): string {
  return Buffer.from(secp256k1.getPublicKey(Buffer.from(privateKeyHex, 'hex'))).toString('hex');
}

/** A key from randomness; nearly every 32 bytes are one. */
export function newPrivateKeyHex(randomBytes: (length: number) => Uint8Array): string {
  for (;;) {
    const candidate = randomBytes(32);
    if (secp256k1.utils.isValidSecretKey(candidate)) return Buffer.from(candidate).toString('hex');
  }
}
