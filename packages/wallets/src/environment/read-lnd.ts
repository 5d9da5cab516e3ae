import { existsSync } from 'node:fs';
import type { LndSettings } from '../open-wallet/index.js';
import { fingerprintIn, pemIn } from '../rest/index.js';
import type { EnvironmentReader } from './environment-reader.js';
import { macaroonHexOf } from '../lnd-macaroon/index.js';
import { notConfigured } from './not-configured.js';
import { readWalletUrl } from './wallet-url.js';

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readLnd(reader: EnvironmentReader): LndSettings {
  reader.require('LND_REST_HOST', 'LND_MACAROON');
  const url = readWalletUrl(reader, 'LND_REST_HOST');
  const macaroonHex = readMacaroonHex(reader);
  return { kind: 'lnd', url, macaroonHex, ...(reader.has('LND_TLS_CERT') ? readCertificate(reader) : {}) };
}

function readMacaroonHex(reader: EnvironmentReader): string {
  const bytes = reader.bytes('LND_MACAROON');
  const path = bytes.toString('utf8').trim();
  const isPath = reader.isInline('LND_MACAROON') && existsSync(path);
  const macaroonHex = macaroonHexOf(isPath ? reader.fileAt('LND_MACAROON', path) : bytes);
  if (macaroonHex !== null) return macaroonHex;
  throw notConfigured('LND_MACAROON must be a macaroon in hex or base64, or the path of its file.');
}

function readCertificate(reader: EnvironmentReader): Pick<LndSettings, 'tlsCertPem' | 'tlsFingerprint256'> {
  const text = pemIn(reader.text('LND_TLS_CERT').trim()).trim();
  const fingerprint = fingerprintIn(text);
  if (fingerprint !== null) return { tlsFingerprint256: fingerprint };
  if (isPem(text)) return { tlsCertPem: `${text}\n` };
  const pem = reader.isInline('LND_TLS_CERT') ? reader.fileAt('LND_TLS_CERT', text).toString('utf8') : '';
  if (isPem(pem)) return { tlsCertPem: pem };
  throw notConfigured('LND_TLS_CERT must be a certificate in PEM, the path of its file, or its SHA-256 fingerprint.');
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN CERTIFICATE-----');
}
