import { existsSync, readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';

/** How to reach an LND, as its adapter takes it. */
export interface LndConnection {
  readonly url: string;
  readonly macaroonHex: string;
  readonly tlsCertPem?: string;
}

/** The variables that name an LND. */
export interface LndEnvironment {
  /** `https://host:8080`, or `host:8080`, which means https. */
  readonly LND_REST_HOST?: string | undefined;
  /** Hex, base64, or the path of a file with the raw bytes or either text. */
  readonly LND_MACAROON?: string | undefined;
  /** The path of a PEM file, or the PEM itself. */
  readonly LND_TLS_CERT?: string | undefined;
}

/**
 * Reads how to reach an LND from the environment.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, naming the variable and never its value. Funds moved: no.
 */
export function lndFromEnvironment(environment: LndEnvironment): LndConnection {
  const url = readUrl(environment.LND_REST_HOST ?? '');
  const macaroonHex = readMacaroon(environment.LND_MACAROON ?? '');
  const certificate = environment.LND_TLS_CERT ?? '';
  return certificate === '' ? { url, macaroonHex } : { url, macaroonHex, tlsCertPem: readCertificate(certificate) };
}

function readUrl(host: string): string {
  const url = /^https?:\/\//.test(host) ? host : `https://${host}`;
  if (host === '' || !URL.canParse(url))
    throw notConfigured('LND_REST_HOST must be the address of LND’s REST interface.');
  return url.replace(/\/+$/, '');
}

const MACAROON_MEANING = 'LND_MACAROON must be a macaroon in hex or base64, or the path of its file.';

function readMacaroon(text: string): string {
  const value = text.trim();
  if (value === '') throw notConfigured(MACAROON_MEANING);
  const bytes = existsSync(value) ? readFileBytes(value, 'LND_MACAROON') : Buffer.from(value);
  return macaroonHexOf(bytes);
}

/** Every v2 macaroon begins with the byte 2: raw, in hex (`02`) or in base64 (`Ag`). */
function macaroonHexOf(bytes: Buffer): string {
  if (bytes[0] === 2) return bytes.toString('hex');
  const text = bytes.toString('latin1').trim();
  if (/^02[0-9a-fA-F]+$/.test(text) && text.length % 2 === 0) return text.toLowerCase();
  if (/^Ag[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64').toString('hex');
  throw notConfigured(MACAROON_MEANING);
}

function readCertificate(text: string): string {
  return text.includes('-----BEGIN') ? text : readFileBytes(text, 'LND_TLS_CERT').toString('utf8');
}

function readFileBytes(path: string, variable: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw notConfigured(`The file that ${variable} names cannot be read.`, cause);
  }
}

function notConfigured(detail: string, cause?: unknown): SatwayError {
  return new SatwayError('WALLET_NOT_CONFIGURED', { detail, cause });
}
