import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { sharedX } from './shared-secret.js';

const IV_BYTES = 16;
const PAYLOAD = /^([A-Za-z0-9+/]+={0,2})\?iv=([A-Za-z0-9+/]+={0,2})$/;

/** The key of NIP-04: the shared coordinate itself. `null` where one of the two keys is none. */
export function legacyKeyOf(secret: Uint8Array, pubkeyHex: string): Uint8Array | null {
  return sharedX(secret, pubkeyHex);
}

/** @returns base64, `?iv=`, base64, by AES-256-CBC. */
export function encryptNip04(plaintext: string, key: Uint8Array): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return `${sealed.toString('base64')}?iv=${iv.toString('base64')}`;
}

/**
 * @returns `null` for what cannot be opened. NIP-04 has no seal of its own: that nobody changed the text on its way, the signature of the event
 *   around it proves.
 */
export function decryptNip04(payload: string, key: Uint8Array): string | null {
  const match = PAYLOAD.exec(payload);
  const iv = Buffer.from(match?.[2] ?? '', 'base64');
  if (match === null || iv.length !== IV_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    const opened = Buffer.concat([decipher.update(match[1] ?? '', 'base64'), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(opened);
  } catch {
    return null;
  }
}
