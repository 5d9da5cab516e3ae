import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { bits, context, integer, objectId, octets, sequence, setOf, time, utf8, yes } from './der.js';

/** A key and the certificate that it signed for itself, both PEM. */
export interface SelfSignedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const VALID_MS = 420 * 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;

/** Makes a P-256 certificate for `localhost`, 127.0.0.1 and ::1 that holds for 420 days, as LND makes its own. */
export function createSelfSignedCertificate(nowMs: number): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const content = certificateContent(publicKeyInfo, nowMs);
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, ECDSA_WITH_SHA256, bits(signature));
  return {
    certificatePem: pem(certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const NAME = sequence(setOf(sequence(objectId('2.5.4.3'), utf8('satway sandbox'))));

/** @see RFC 5280, section 4.1. */
function certificateContent(publicKeyInfo: Buffer, nowMs: number): Buffer {
  const version3 = context(0, integer(Buffer.from([2])));
  const serial = integer(Buffer.concat([Buffer.from([1]), randomBytes(15)]));
  const validity = sequence(time(nowMs - HOUR_MS), time(nowMs + VALID_MS));
  const extensions = context(3, sequence(alternativeNames(), basicConstraints()));
  return sequence(version3, serial, ECDSA_WITH_SHA256, NAME, validity, NAME, publicKeyInfo, extensions);
}

function alternativeNames(): Buffer {
  const dns = context(2, Buffer.from('localhost'), false);
  const addresses = [Buffer.from([127, 0, 0, 1]), Buffer.from('00'.repeat(15) + '01', 'hex')];
  const names = sequence(dns, ...addresses.map((address) => context(7, address, false)));
  return sequence(objectId('2.5.29.17'), octets(names));
}

function basicConstraints(): Buffer {
  return sequence(objectId('2.5.29.19'), yes, octets(sequence(yes)));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
