import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walletFromEnv } from '@satway/wallets/environment';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const HEX = '0201036c6e6402f801030a10b1c2d3e4f5061728394a5b6c7d8e9f00';
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const lnd = (environment: NodeJS.ProcessEnv) => walletFromEnv(environment).settings;

describe('an LND named by the environment', () => {
  it('takes the macaroon as hex, as base64, or as a file of either or of raw bytes', () => {
    const raw = Buffer.from(HEX, 'hex');
    const forms = [
      HEX,
      HEX.toUpperCase(),
      raw.toString('base64'),
      raw.toString('base64url'),
      file('raw', raw),
      file('hex', `${HEX}\n`),
      file('base64', raw.toString('base64')),
    ];
    for (const LND_MACAROON of forms) {
      expect(lnd({ LND_REST_HOST: 'https://node:8080', LND_MACAROON })).toMatchObject({ macaroonHex: HEX });
    }
  });

  it('takes base64 and hex as shells print them, in lines of any length', () => {
    const raw = Buffer.from(HEX, 'hex');
    const wrapped = (text: string, end: string): string => `${text.replaceAll(/(.{7})/g, `$1${end}`)}${end}`;
    const texts = [raw.toString('base64'), raw.toString('base64url'), HEX].flatMap((text) => [
      wrapped(text, '\n'),
      wrapped(text, '\r\n'),
      wrapped(text, ' '),
    ]);
    for (const [index, text] of texts.entries()) {
      const path = file(`wrapped-${index}`, text);
      for (const given of [{ LND_MACAROON: text }, { LND_MACAROON: path }, { LND_MACAROON_FILE: path }]) {
        expect(lnd({ LND_REST_HOST: 'https://node:8080', ...given })).toMatchObject({ macaroonHex: HEX });
      }
    }
  });

  it('means https where no scheme is named', () => {
    expect(lnd({ LND_REST_HOST: 'node:8080/', LND_MACAROON: HEX })).toEqual({
      kind: 'lnd',
      url: 'https://node:8080',
      macaroonHex: HEX,
    });
    expect(lnd({ LND_REST_HOST: 'http://127.0.0.1:8080', LND_MACAROON: HEX })).toMatchObject({
      url: 'http://127.0.0.1:8080',
    });
  });

  it('takes the certificate as a file or as text', () => {
    for (const LND_TLS_CERT of [PEM, file('tls.cert', PEM)]) {
      expect(lnd({ LND_REST_HOST: 'n', LND_MACAROON: HEX, LND_TLS_CERT })).toMatchObject({ tlsCertPem: PEM });
    }
  });

  it('takes the line that openssl prints as the fingerprint, as text or in a file', () => {
    const print = Array.from({ length: 32 }, () => 'AB').join(':');
    for (const line of [`sha256 Fingerprint=${print}`, `SHA256 Fingerprint=${print}\n`]) {
      for (const given of [{ LND_TLS_CERT: line }, { LND_TLS_CERT_FILE: file(`print-${line.length}`, line) }]) {
        expect(lnd({ LND_REST_HOST: 'n', LND_MACAROON: HEX, ...given })).toMatchObject({ tlsFingerprint256: print });
      }
    }
  });

  it('takes a certificate in one line, its line breaks written as files of variables have them', () => {
    for (const LND_TLS_CERT of [PEM.replaceAll('\n', '\\n'), PEM.replaceAll('\n', '\\r\\n')]) {
      expect(lnd({ LND_REST_HOST: 'n', LND_MACAROON: HEX, LND_TLS_CERT })).toMatchObject({ tlsCertPem: PEM });
    }
  });

  it.each([
    [{}, 'LND_REST_HOST'],
    [{ LND_REST_HOST: 'n', LND_MACAROON: HEX, LND_TLS_CERT: 'aa:bb' }, 'LND_TLS_CERT'],
    [{ LND_REST_HOST: 'n' }, 'LND_MACAROON'],
    [{ LND_REST_HOST: 'n', LND_MACAROON: 'feedface-is-no-macaroon' }, 'LND_MACAROON'],
    [{ LND_REST_HOST: 'n', LND_MACAROON: HEX, LND_TLS_CERT: '/nowhere/tls.cert' }, 'LND_TLS_CERT'],
  ])('names the variable that is wrong and never its value: %j', (environment, variable) => {
    const failure = (() => {
      try {
        return lnd(environment);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    expect(String(failure)).toContain(variable);
    expect(String(failure)).not.toContain('feedface');
  });
});
