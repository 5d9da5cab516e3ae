import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bech32 } from '@scure/base';

/** Letters of bech32, whose places are the 5-bit words. */
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export const FORGER_KEY = Buffer.alloc(32, 7);
export const HASH_HEX = 'ab'.repeat(32);
export const SECRET_HEX = 'cd'.repeat(32);

/** One tagged field from its letter and words, without any of the encoder's checks. */
export function field(letter: string, words: readonly number[]): number[] {
  return [ALPHABET.indexOf(letter), Math.floor(words.length / 32), words.length % 32, ...words];
}

export function hexField(letter: string, hex: string): number[] {
  return field(letter, bech32.toWords(Buffer.from(hex, 'hex')));
}

export function textField(letter: string, text: string): number[] {
  return field(letter, bech32.toWords(Buffer.from(text, 'utf8')));
}

/** The fields that every good invoice has. */
export const HASH = hexField('p', HASH_HEX);
export const SECRET = hexField('s', SECRET_HEX);
export const DESCRIPTION = textField('d', 'tea');
export const GOOD_FIELDS: readonly (readonly number[])[] = [HASH, SECRET, DESCRIPTION];

export interface Forgery {
  readonly humanPart?: string;
  readonly fields?: readonly (readonly number[])[];
  readonly highS?: boolean;
  readonly recoveryId?: number;
  /** Signs something else than what is sent. */
  readonly signsOther?: boolean;
}

/** Writes whatever is asked for and signs it rightly, so that a refusal is about the content and not about the signature. */
export function forge({ humanPart = 'lnbcrt1u', fields = GOOD_FIELDS, ...how }: Forgery = {}): string {
  const words = [0, 1, 20, 13, 0, 0, 0, ...fields.flat()];
  const signature = sign(digest(how.signsOther === true ? `${humanPart}9` : humanPart, words), how);
  return bech32.encode(humanPart, [...words, ...bech32.toWords(signature)], false);
}

function digest(humanPart: string, words: readonly number[]): Buffer {
  const bits = words.map((word) => word.toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)) ?? [];
  return createHash('sha256').update(humanPart).update(Uint8Array.from(bytes)).digest();
}

function sign(hash: Uint8Array, { highS = false, recoveryId }: Forgery): Uint8Array {
  const signed = secp256k1.sign(hash, FORGER_KEY, { prehash: false, format: 'recovered' });
  const r = signed.subarray(1, 33);
  const low = BigInt(`0x${Buffer.from(signed.subarray(33)).toString('hex')}`);
  const s = highS ? CURVE_ORDER - low : low;
  const recovery = (signed[0] ?? 0) ^ (highS ? 1 : 0);
  return Buffer.concat([r, Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), Buffer.of(recoveryId ?? recovery)]);
}

export const FORGER_PUBKEY_HEX = Buffer.from(secp256k1.getPublicKey(FORGER_KEY)).toString('hex');
