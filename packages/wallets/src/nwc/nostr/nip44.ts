import { chacha20 } from '@noble/ciphers/chacha.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '@satway/protocol';
import { base64 } from '@scure/base';
import { randomBytes } from 'node:crypto';
import { sharedX } from './shared-secret.js';

/** NIP-44, version 2. */
const VERSION = 2;
const SALT = new TextEncoder().encode('nip44-v2');
const NONCE_BYTES = 32;
const MAC_BYTES = 32;
const MAX_PLAINTEXT_BYTES = 65_535;
/** Of the base64 text, the shortest and the longest that NIP-44 knows. */
const PAYLOAD_LENGTH = { least: 132, most: 87_472 };

/** The key that two keys share for all their messages; `null` where one of them is no key. */
export function conversationKeyOf(secret: Uint8Array, pubkeyHex: string): Uint8Array | null {
  const shared = sharedX(secret, pubkeyHex);
  return shared === null ? null : extract(sha256, shared, SALT);
}

/** @param nonce - 32 bytes, never used twice. @returns base64; `null` for a text that is empty or too long. */
export function encryptNip44(
  plaintext: string,
  conversationKey: Uint8Array,
  nonce: Uint8Array = Uint8Array.from(randomBytes(NONCE_BYTES)),
): string | null {
  const padded = pad(new TextEncoder().encode(plaintext));
  if (padded === null) return null;
  const keys = messageKeys(conversationKey, nonce);
  const sealed = chacha20(keys.cipherKey, keys.cipherNonce, padded);
  const mac = macOf(keys.macKey, nonce, sealed);
  return base64.encode(Uint8Array.from([VERSION, ...nonce, ...sealed, ...mac]));
}

/** @returns `null` for everything that is not a message of this conversation, byte for byte. */
export function decryptNip44(payload: string, conversationKey: Uint8Array): string | null {
  const bytes = payloadBytes(payload);
  if (bytes === null || bytes[0] !== VERSION) return null;
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const sealed = bytes.subarray(1 + NONCE_BYTES, -MAC_BYTES);
  const keys = messageKeys(conversationKey, nonce);
  // The seal is looked at before anything is opened.
  if (!equalBytes(macOf(keys.macKey, nonce, sealed), bytes.subarray(-MAC_BYTES))) return null;
  return unpad(chacha20(keys.cipherKey, keys.cipherNonce, sealed));
}

/** How long a text of this length becomes, so that its length tells little. */
export function paddedLength(length: number): number {
  if (length <= 32) return 32;
  const nextPower = 2 ** (Math.floor(Math.log2(length - 1)) + 1);
  const chunk = nextPower <= 256 ? 32 : nextPower / 8;
  return chunk * (Math.floor((length - 1) / chunk) + 1);
}

function payloadBytes(payload: string): Uint8Array | null {
  if (payload.length < PAYLOAD_LENGTH.least || payload.length > PAYLOAD_LENGTH.most) return null;
  try {
    return base64.decode(payload);
  } catch {
    return null;
  }
}

function messageKeys(conversationKey: Uint8Array, nonce: Uint8Array) {
  const keys = expand(sha256, conversationKey, nonce, 76);
  return { cipherKey: keys.subarray(0, 32), cipherNonce: keys.subarray(32, 44), macKey: keys.subarray(44, 76) };
}

function macOf(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  return hmac.create(sha256, key).update(nonce).update(sealed).digest();
}

function pad(text: Uint8Array): Uint8Array | null {
  if (text.length === 0 || text.length > MAX_PLAINTEXT_BYTES) return null;
  const padded = new Uint8Array(2 + paddedLength(text.length));
  new DataView(padded.buffer).setUint16(0, text.length);
  padded.set(text, 2);
  return padded;
}

function unpad(padded: Uint8Array): string | null {
  const length = new DataView(padded.buffer, padded.byteOffset, padded.byteLength).getUint16(0);
  if (length === 0 || padded.length !== 2 + paddedLength(length)) return null;
  return readUtf8(padded.subarray(2, 2 + length));
}

function readUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
