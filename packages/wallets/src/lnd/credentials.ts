import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';

/** The macaroon, in exactly one form. */
export type LndMacaroonSource =
  | { readonly macaroonHex: string }
  /** Standard or url-safe, padded or not. */
  | { readonly macaroonBase64: string }
  /** As LND writes it: raw bytes. */
  | { readonly macaroonFile: string };

/** The certificate to pin; without one the system's authorities decide. */
export interface LndCertificateSource {
  readonly tlsCertPem?: string;
  readonly tlsCertFile?: string;
}

/** @returns lower-case hex. @throws {SatwayError} `WALLET_NOT_CONFIGURED`, never with the value. */
export function readMacaroonHex(source: LndMacaroonSource): string {
  const bytes = macaroonBytes(source);
  if (bytes === null || bytes.length === 0) throw notConfigured('The macaroon cannot be read.');
  return bytes.toString('hex');
}

function macaroonBytes(source: LndMacaroonSource): Buffer | null {
  if ('macaroonHex' in source) {
    return /^([0-9a-fA-F]{2})+$/.test(source.macaroonHex) ? Buffer.from(source.macaroonHex, 'hex') : null;
  }
  if ('macaroonBase64' in source) {
    return /^[A-Za-z0-9+/_-]+={0,2}$/.test(source.macaroonBase64) ? Buffer.from(source.macaroonBase64, 'base64') : null;
  }
  return readFile(source.macaroonFile, 'macaroon');
}

/** @returns PEM, or `undefined` where nothing is pinned. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readCertificatePem(source: LndCertificateSource): string | undefined {
  if (source.tlsCertPem !== undefined) return source.tlsCertPem;
  return source.tlsCertFile === undefined ? undefined : readFile(source.tlsCertFile, 'certificate').toString('utf8');
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
