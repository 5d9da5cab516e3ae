import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SatwayError } from '@satway/base';

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The SHA-256 fingerprints of the certificates in a PEM text.
 *
 * @throws {SatwayError} `EGRESS_TLS_MISMATCH` where there is none, since an empty pin would trust nobody.
 */
function fingerprintsOf(certificatePem: string): ReadonlySet<string> {
  const blocks = certificatePem.match(PEM_BLOCK) ?? [];
  try {
    const fingerprints = new Set(blocks.map((pem) => new X509Certificate(pem).fingerprint256));
    if (fingerprints.size > 0) return fingerprints;
  } catch (cause) {
    throw new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'The pinned certificate cannot be read.', cause });
  }
  throw new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'The pinned file holds no PEM certificate.' });
}

/** What a peer must show; empty where the system's authorities decide. */
export interface CertificatePin {
  /** PEM certificates, one of which the peer must show, or be verified against. */
  readonly certificatePem?: string | undefined;
  /** SHA-256 of the peer's own certificate: 64 hex digits, with or without colons. Nothing else is trusted beside it. */
  readonly fingerprint256?: string | undefined;
}

/** The same for equal pins, so that connections are shared by those who pin the same. */
export function keyOfPin({ certificatePem, fingerprint256 }: CertificatePin): string {
  const pem = certificatePem === undefined ? '' : createHash('sha256').update(certificatePem).digest('hex');
  return `${pem}/${fingerprint256?.replaceAll(':', '').toUpperCase() ?? ''}`;
}

/**
 * Makes the judge of a TLS peer. It is the pinned one when its own certificate is in the pinned file or has the pinned fingerprint, or when it was
 * verified, name and all, against the authorities in the file. The first ways hold for a self-signed certificate whatever its name and
 * dates say: the pin is the trust.
 *
 * @returns `null` where nothing is pinned.
 * @throws {SatwayError} `EGRESS_TLS_MISMATCH` for a pin that cannot be read.
 */
export function judgeOf({ certificatePem, fingerprint256 }: CertificatePin): ((socket: TLSSocket) => boolean) | null {
  if (fingerprint256 !== undefined) {
    const wanted = colonForm(fingerprint256);
    return (socket) => shownFingerprint(socket) === wanted;
  }
  if (certificatePem === undefined) return null;
  const fingerprints = fingerprintsOf(certificatePem);
  return (socket) => socket.authorized || fingerprints.has(shownFingerprint(socket));
}

/** Of the certificate that the peer shows, as openssl prints it: upper case, with colons. */
export function shownFingerprint(socket: TLSSocket): string {
  return socket.getPeerCertificate().fingerprint256;
}

function colonForm(fingerprint: string): string {
  const hex = fingerprint.replaceAll(':', '').toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return (hex.match(/../g) ?? []).join(':');
  throw new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'The pinned fingerprint is no SHA-256 in hex.' });
}
