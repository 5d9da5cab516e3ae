import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SatwayError } from '@satway/base';

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The SHA-256 fingerprints of the certificates in a PEM text.
 *
 * @throws {SatwayError} `EGRESS_TLS_MISMATCH` where there is none, since an empty pin would trust nobody.
 */
export function fingerprintsOf(certificatePem: string): ReadonlySet<string> {
  const blocks = certificatePem.match(PEM_BLOCK) ?? [];
  try {
    const fingerprints = new Set(blocks.map((pem) => new X509Certificate(pem).fingerprint256));
    if (fingerprints.size > 0) return fingerprints;
  } catch (cause) {
    throw new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'The pinned certificate cannot be read.', cause });
  }
  throw new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'The pinned file holds no PEM certificate.' });
}

/**
 * Whether a TLS peer is the pinned one: its own certificate is in the pinned file, or it was verified, name and all, against the
 * authorities in it. The first way holds for a self-signed certificate whatever its name and dates say: the pin is the trust.
 */
export function isPinned(socket: TLSSocket, fingerprints: ReadonlySet<string>): boolean {
  return socket.authorized || fingerprints.has(socket.getPeerCertificate().fingerprint256);
}
