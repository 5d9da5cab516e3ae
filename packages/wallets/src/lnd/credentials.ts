import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { macaroonHexOf } from '../lnd-macaroon/index.js';
import { fingerprintIn, isCertificatePem, pemIn } from '../rest/index.js';

/** The macaroon, in exactly one form. */
export type LndMacaroonSource =
  | { readonly macaroonHex: string }
  /** Standard or url-safe, padded or not, in lines or not. */
  | { readonly macaroonBase64: string }
  /** Raw bytes, as LND writes it, or hex or base64, in lines or not. */
  | { readonly macaroonFile: string };

/** The certificate to pin, in one form at most; without one the system's authorities decide. */
export interface LndCertificateSource {
  readonly tlsCertPem?: string | undefined;
  readonly tlsCertFile?: string | undefined;
  /** SHA-256 of the certificate: 64 hex digits, with or without colons, or the line that `openssl x509 -noout -fingerprint -sha256` prints. */
  readonly tlsFingerprint256?: string | undefined;
}

/** What is pinned, as `ExchangeRequest.tls` takes it; empty where nothing is. */
export interface CertificatePin {
  readonly certificatePem?: string;
  readonly fingerprint256?: string;
}

/** Shells print long texts in lines. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

/** @returns lower-case hex. @throws {SatwayError} `WALLET_NOT_CONFIGURED`, never with the value. */
export function readMacaroonHex(source: LndMacaroonSource): string {
  const bytes = macaroonBytes(source);
  if (bytes === null || bytes.length === 0) throw notConfigured('The macaroon cannot be read.');
  return bytes.toString('hex');
}

function macaroonBytes(source: LndMacaroonSource): Buffer | null {
  if ('macaroonHex' in source) {
    const hex = inOneLine(source.macaroonHex);
    return /^([0-9a-fA-F]{2})+$/.test(hex) ? Buffer.from(hex, 'hex') : null;
  }
  if ('macaroonBase64' in source) {
    const base64 = inOneLine(source.macaroonBase64);
    return /^[A-Za-z0-9+/_-]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : null;
  }
  const hex = macaroonHexOf(readFile(source.macaroonFile, 'macaroon'));
  return hex === null ? null : Buffer.from(hex, 'hex');
}

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a file that cannot be read, no certificate, no fingerprint, or two pins at once. */
export function readCertificatePin(source: LndCertificateSource): CertificatePin {
  const { tlsCertPem, tlsCertFile, tlsFingerprint256 } = source;
  if ([tlsCertPem, tlsCertFile, tlsFingerprint256].filter((each) => each !== undefined).length > 1) {
    throw notConfigured('Pin the certificate in one way: as a text, as a file, or by its fingerprint.');
  }
  if (tlsFingerprint256 !== undefined) return { fingerprint256: fingerprintOf(tlsFingerprint256) };
  if (tlsCertPem !== undefined) return { certificatePem: certificateOf(tlsCertPem) };
  if (tlsCertFile === undefined) return {};
  return { certificatePem: certificateOf(readFile(tlsCertFile, 'certificate').toString('utf8')) };
}

function fingerprintOf(text: string): string {
  const fingerprint = fingerprintIn(text);
  if (fingerprint !== null) return fingerprint.replaceAll(':', '').toLowerCase();
  throw notConfigured('A certificate fingerprint is a SHA-256: 64 hex digits, with or without colons.');
}

/** A pin that nobody could meet is a mistake of the configuration: the wallet was not even asked for its certificate. */
function certificateOf(text: string): string {
  const pem = pemIn(text);
  if (isCertificatePem(pem)) return pem;
  throw notConfigured('The certificate to pin is no certificate in PEM that can be read.');
}

function readFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw notConfigured(`The ${what} file cannot be read.`, cause);
  }
}

function notConfigured(detail: string, cause?: unknown): SatwayError {
  return new SatwayError('WALLET_NOT_CONFIGURED', { detail, cause });
}
