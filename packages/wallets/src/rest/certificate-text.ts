import { X509Certificate } from 'node:crypto';

/** What openssl prints before a fingerprint: `sha256 Fingerprint=`, in older ones `SHA256 Fingerprint=`. */
const OPENSSL_LABEL = /^sha-?256\s+fingerprint\s*=\s*/i;
const FINGERPRINT = /^(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/;

/**
 * The SHA-256 fingerprint in a text: 64 hex digits, with or without colons, also behind what `openssl x509 -fingerprint -sha256` prints before them.
 *
 * @returns `null` where the text is none.
 */
export function fingerprintIn(text: string): string | null {
  const fingerprint = text.trim().replace(OPENSSL_LABEL, '');
  return FINGERPRINT.test(fingerprint) ? fingerprint : null;
}

/** A PEM text whose line breaks may be written as `\n`, as files of variables have them in one line. */
export function pemIn(text: string): string {
  return text.replaceAll(String.raw`\r`, '').replaceAll(String.raw`\n`, '\n');
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Whether a text holds certificates in PEM, all of which can be read. */
export function isCertificatePem(text: string): boolean {
  const blocks = text.match(PEM_BLOCK) ?? [];
  return blocks.length > 0 && blocks.every(isReadable);
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== '';
  } catch {
    return false;
  }
}
