import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeCurve } from '../../src/bolt11/native-curve.js';
import { recoverSigner, signInvoice } from '../../src/bolt11/signature.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

function answer(recover: () => string): string {
  try {
    return recover();
  } catch {
    return 'refused';
  }
}

const bothAnswers = (digest: Uint8Array, signature: Uint8Array, recoveryId: number): [string, string] => [
  answer(() => recoverSigner(digest, signature, recoveryId, nativeCurve)),
  answer(() => recoverSigner(digest, signature, recoveryId, null)),
];

describe('the native curve library', () => {
  it('is there where the development dependencies are', () => {
    expect(nativeCurve).not.toBeNull();
  });

  it('finds the signer that the portable library finds', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (digest, seed) => {
        const privateKey = secp256k1.utils.randomSecretKey(Uint8Array.of(...seed, ...seed.subarray(0, 16)));
        const signature = signInvoice(digest, privateKey);
        const [native, portable] = bothAnswers(digest, signature, signature[64] ?? 4);
        expect(native).toBe(portable);
        expect(native).toBe(Buffer.from(secp256k1.getPublicKey(privateKey)).toString('hex'));
      }),
      { numRuns: 50 },
    );
  });

  it('writes the very signature that the portable library writes', () => {
    fc.assert(
      fc.property(bytes(32), bytes(48), (digest, seed) => {
        const privateKey = secp256k1.utils.randomSecretKey(seed);
        expect(signInvoice(digest, privateKey, nativeCurve)).toEqual(signInvoice(digest, privateKey, null));
      }),
      { numRuns: 100 },
    );
  });

  it.each(['00'.repeat(32), 'ff'.repeat(32), '01'])(
    'refuses the private key %s as the portable library does',
    (hex) => {
      const privateKey = new Uint8Array(Buffer.from(hex, 'hex'));
      for (const curve of [nativeCurve, null])
        expect(() => signInvoice(new Uint8Array(32), privateKey, curve)).toThrow(Error);
    },
  );

  it('says the same of signatures that nobody made', () => {
    fc.assert(
      fc.property(bytes(32), bytes(64), fc.integer({ min: 0, max: 3 }), (digest, noise, recoveryId) => {
        const [native, portable] = bothAnswers(digest, noise, recoveryId);
        expect(native).toBe(portable);
      }),
      { numRuns: 200 },
    );
  });

  it('says the same of numbers at the edges of the curve', () => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    const numbers = [
      '00'.repeat(32),
      `${'00'.repeat(31)}01`,
      order,
      `${order.slice(0, -2)}40`,
      `${order.slice(0, -2)}42`,
      'ff'.repeat(32),
    ];
    const digest = new Uint8Array(32).fill(7);
    for (const r of numbers) {
      for (const s of numbers) {
        for (const recoveryId of [0, 1, 2, 3]) {
          const [native, portable] = bothAnswers(digest, new Uint8Array(Buffer.from(r + s, 'hex')), recoveryId);
          expect(native, `${r} ${s} ${recoveryId}`).toBe(portable);
        }
      }
    }
  });
});
