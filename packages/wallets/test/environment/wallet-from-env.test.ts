import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSatwayError } from '@satway/base';
import { SECRET_VARIABLES, walletFromEnv, type WalletFromEnvOptions } from '@satway/wallets/environment';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const HEX = '0201036c6e6402f801030a10b1c2d3e4f5061728394a5b6c7d8e9f00';
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const PRINT = 'ab'.repeat(32);
const NWC = 'nostr+walletconnect://cafe?relay=wss%3A%2F%2Frelay.example&secret=feedfacefeedface';

const LND = { LND_REST_HOST: 'https://node:8080', LND_MACAROON: HEX };
const LNBITS = {
  LNBITS_URL: 'https://lnbits.example/sub/',
  LNBITS_ADMIN_KEY: 'admin-key',
  LNBITS_INVOICE_KEY: 'inkey',
};
const PHOENIXD = { PHOENIXD_URL: 'http://127.0.0.1:9740', PHOENIXD_PASSWORD: 'hunter2 $ecret' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

function refusal(environment: NodeJS.ProcessEnv, options: WalletFromEnvOptions = {}): string {
  try {
    walletFromEnv(environment, options);
  } catch (error) {
    expect(error).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    return isSatwayError(error) ? (error.detail ?? '') : '';
  }
  return expect.fail('nothing was refused');
}

describe('the wallet of the environment', () => {
  it.each([
    [LND, { kind: 'lnd', url: 'https://node:8080', macaroonHex: HEX }, ['LND_REST_HOST', 'LND_MACAROON']],
    [
      PHOENIXD,
      { kind: 'phoenixd', url: 'http://127.0.0.1:9740', password: 'hunter2 $ecret' },
      ['PHOENIXD_URL', 'PHOENIXD_PASSWORD'],
    ],
    [{ NWC_URI: NWC }, { kind: 'nwc', uri: NWC }, ['NWC_URI']],
    [
      LNBITS,
      { kind: 'lnbits', url: 'https://lnbits.example/sub', key: 'admin-key' },
      ['LNBITS_URL', 'LNBITS_ADMIN_KEY'],
    ],
  ])(
    'is the one that is named, with the names of the variables that were read: %j',
    (environment, settings, source) => {
      expect(walletFromEnv({ ...environment, PATH: '/bin' })).toEqual({ settings, source, warnings: [] });
    },
  );

  it('takes an empty variable for one that is not set', () => {
    const { settings } = walletFromEnv({ ...LND, LND_TLS_CERT: '', LND_MACAROON_FILE: '', NWC_URI: '' });
    expect(settings).toEqual({ kind: 'lnd', url: 'https://node:8080', macaroonHex: HEX });
  });

  it('pins an LND by certificate, by its file, or by its fingerprint', () => {
    const pinOf = (certificate: NodeJS.ProcessEnv) => walletFromEnv({ ...LND, ...certificate }).settings;
    const colons = PRINT.match(/../g)?.join(':') ?? '';
    for (const certificate of [
      { LND_TLS_CERT: PEM },
      { LND_TLS_CERT: file('a', PEM) },
      { LND_TLS_CERT_FILE: file('b', PEM) },
    ]) {
      expect(pinOf(certificate)).toMatchObject({ tlsCertPem: PEM });
    }
    for (const print of [PRINT, colons, PRINT.toUpperCase()]) {
      expect(pinOf({ LND_TLS_CERT: print })).toMatchObject({ tlsFingerprint256: print });
    }
    expect(pinOf({ LND_TLS_CERT_FILE: file('c', `${colons}\n`) })).toMatchObject({ tlsFingerprint256: colons });
  });

  it('gives whoever sells or reads the invoice key of LNbits, and whoever pays the admin key', () => {
    const keyFor = (options: WalletFromEnvOptions) => walletFromEnv(LNBITS, options).source[1];
    expect(keyFor({ role: 'receive' })).toBe('LNBITS_INVOICE_KEY');
    expect(keyFor({ role: 'read' })).toBe('LNBITS_INVOICE_KEY');
    expect(keyFor({ role: 'pay' })).toBe('LNBITS_ADMIN_KEY');
    const { LNBITS_INVOICE_KEY: _, ...adminOnly } = LNBITS;
    expect(walletFromEnv(adminOnly, { role: 'receive' }).settings).toMatchObject({ key: 'admin-key' });
    const { LNBITS_ADMIN_KEY: __, ...invoiceOnly } = LNBITS;
    expect(walletFromEnv(invoiceOnly).settings).toMatchObject({ key: 'inkey' });
    expect(refusal(invoiceOnly, { role: 'pay' })).toContain('LNBITS_ADMIN_KEY');
  });
});

describe('values in files', () => {
  it('come without the line breaks at their end, and with every other space', () => {
    const environment = {
      PHOENIXD_URL_FILE: file('url', 'http://127.0.0.1:9740\n'),
      PHOENIXD_PASSWORD_FILE: file('password', ' spaces count \r\n\n'),
    };
    expect(walletFromEnv(environment)).toEqual({
      settings: { kind: 'phoenixd', url: 'http://127.0.0.1:9740', password: ' spaces count ' },
      source: ['PHOENIXD_URL_FILE', 'PHOENIXD_PASSWORD_FILE'],
      warnings: [],
    });
  });

  it('are read without the mark that some editors put before a text', () => {
    const PHOENIXD_PASSWORD_FILE = file('marked', '\uFEFFhunter2\r\n');
    const { settings } = walletFromEnv({ ...PHOENIXD, PHOENIXD_PASSWORD: '', PHOENIXD_PASSWORD_FILE });
    expect(settings).toMatchObject({ password: 'hunter2' });
  });

  it('hold a macaroon as LND writes it, or as text', () => {
    for (const content of [Buffer.from(HEX, 'hex'), `${HEX}\n`, Buffer.from(HEX, 'hex').toString('base64url')]) {
      const environment = { LND_REST_HOST: 'node:8080', LND_MACAROON_FILE: file('macaroon', content) };
      expect(walletFromEnv(environment).settings).toMatchObject({ url: 'https://node:8080', macaroonHex: HEX });
    }
  });

  it('are not followed to further files', () => {
    const LND_MACAROON_FILE = file('path', file('macaroon', HEX));
    expect(refusal({ LND_REST_HOST: 'node:8080', LND_MACAROON_FILE })).toContain('LND_MACAROON must be');
    const LND_TLS_CERT_FILE = file('certificate-path', file('certificate', PEM));
    expect(refusal({ ...LND, LND_TLS_CERT_FILE })).toContain('LND_TLS_CERT must be');
  });

  it('bring a warning where everybody may read them or others replace them, and no error', () => {
    const warningsFor = (mode: number) =>
      walletFromEnv({ ...PHOENIXD, PHOENIXD_PASSWORD: '', PHOENIXD_PASSWORD_FILE: file('password', 'x', mode) })
        .warnings;
    for (const mode of [0o600, 0o400, 0o640, 0o440]) expect(warningsFor(mode)).toEqual([]);
    for (const mode of [0o644, 0o604, 0o660, 0o666]) {
      expect(warningsFor(mode)).toMatchObject([
        { variable: 'PHOENIXD_PASSWORD_FILE', fix: `chmod 600 ${join(folder, 'password')}` },
      ]);
    }
    const LND_MACAROON = file('macaroon', HEX, 0o644);
    expect(walletFromEnv({ ...LND, LND_MACAROON }).warnings).toMatchObject([{ variable: 'LND_MACAROON' }]);
  });

  it('bring a warning whose command can be copied, whatever the path holds', () => {
    const path = file("it's a key", 'x', 0o644);
    const [warning] = walletFromEnv({ ...PHOENIXD, PHOENIXD_PASSWORD: '', PHOENIXD_PASSWORD_FILE: path }).warnings;
    execFileSync('sh', ['-c', warning?.fix ?? '']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('may be readable by all where they are no secrets', () => {
    const environment = { ...LND, LND_TLS_CERT_FILE: file('tls.cert', PEM, 0o644) };
    expect(walletFromEnv(environment).warnings).toEqual([]);
  });

  it.each([
    ['missing', () => join(folder, 'nowhere'), 'ENOENT'],
    ['a folder', () => folder, 'EISDIR'],
    ['larger than any secret', () => file('large', 'x'.repeat(64 * 1024 + 1)), 'larger than 64 KiB'],
    ['empty', () => file('empty', '\n'), 'is empty'],
  ])('are refused by the name of their variable when the file is %s', (_, path, words) => {
    const detail = refusal({ PHOENIXD_URL: 'http://127.0.0.1:9740', PHOENIXD_PASSWORD_FILE: path() });
    expect(detail).toContain('PHOENIXD_PASSWORD_FILE');
    expect(detail).toContain(words);
  });
});

describe('an environment that names no wallet, or not one', () => {
  it('is told all ways to name one', () => {
    for (const name of ['LND_REST_HOST', 'LNBITS_URL', 'PHOENIXD_URL', 'NWC_URI']) expect(refusal({})).toContain(name);
  });

  it('is refused when two wallets are named, even by a left-over, and all their variables are listed', () => {
    const detail = refusal({ ...PHOENIXD, NWC_URI_FILE: '/run/secrets/nwc', LND_TLS_CERT: PEM });
    for (const name of ['PHOENIXD_URL', 'PHOENIXD_PASSWORD', 'NWC_URI_FILE', 'LND_TLS_CERT']) {
      expect(detail).toContain(name);
    }
    expect(detail).toContain('3 wallets');
  });

  it('is refused when a variable is given in both forms', () => {
    const detail = refusal({ ...PHOENIXD, PHOENIXD_PASSWORD_FILE: file('password', 'other') });
    expect(detail).toContain('PHOENIXD_PASSWORD and PHOENIXD_PASSWORD_FILE');
  });

  it.each([
    [{ LND_TLS_CERT: PEM }, ['LND_REST_HOST', 'LND_MACAROON']],
    [{ LND_REST_HOST: 'node' }, ['LND_MACAROON']],
    [{ LNBITS_INVOICE_KEY: 'key' }, ['LNBITS_URL']],
    [{ LNBITS_URL: 'https://lnbits.example' }, ['LNBITS_INVOICE_KEY', 'LNBITS_ADMIN_KEY']],
    [{ PHOENIXD_PASSWORD: 'x' }, ['PHOENIXD_URL']],
    [{ PHOENIXD_URL: 'http://127.0.0.1:9740' }, ['PHOENIXD_PASSWORD']],
  ])('names what is missing of a wallet that is half named: %j', (environment, missing) => {
    for (const name of missing) expect(refusal(environment)).toContain(name);
  });
});

describe('the address of a wallet', () => {
  it.each([
    ['https://user:pass@node', 'no password'],
    ['https://user@node', 'no password'],
    ['ftp://node', 'http or https'],
    ['http://node.example', 'must be https'],
    ['http://10.0.0.7:8080', 'must be https'],
    ['https://node?key=1', 'http or https'],
    ['https://no de', 'http or https'],
    ['https://', 'http or https'],
  ])('is not %s', (LNBITS_URL, words) => {
    const detail = refusal({ ...LNBITS, LNBITS_URL });
    expect(detail).toContain('LNBITS_URL');
    expect(detail).toContain(words);
  });

  it('keeps its path and loses the slashes at its end', () => {
    const urlOf = (LNBITS_URL: string) => walletFromEnv({ ...LNBITS, LNBITS_URL }).settings;
    expect(urlOf('https://host/lnbits//')).toMatchObject({ url: 'https://host/lnbits' });
    expect(urlOf('host:5000/sub')).toMatchObject({ url: 'https://host:5000/sub' });
  });
});

describe('an error about the environment', () => {
  /** Everything that reaches a log: message, stack, JSON and the chain of causes. */
  const allOf = (error: unknown): string =>
    error instanceof Error ? `${String(error.stack)} ${JSON.stringify(error)} ${allOf(error.cause)}` : String(error);

  it.each([
    'feedface-secret',
    '/no/such/feedface-file',
    'feedface\0nul',
    'https://user:feedface@host',
    'f'.repeat(5000),
  ])('never shows a value, whatever variable it stands in: %j', (value) => {
    const shown: string[] = [];
    const names = ['LND_REST_HOST', 'LND_TLS_CERT', 'LNBITS_URL', 'PHOENIXD_URL', ...SECRET_VARIABLES];
    for (const name of names.flatMap((variable) => [variable, `${variable}_FILE`])) {
      const whole = [LND, LNBITS, PHOENIXD, {}].find((known) => name.replace('_FILE', '') in known) ?? {};
      const { [name.replace('_FILE', '') as never]: _, ...rest } = whole;
      try {
        walletFromEnv({ ...rest, [name]: value });
      } catch (error) {
        expect(error).toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
        shown.push(allOf(error));
      }
    }
    expect(shown.length).toBeGreaterThan(6);
    expect(shown.filter((text) => text.includes(value.slice(0, 60)) || text.includes('feedface'))).toEqual([]);
  });

  it('is always one of ours, whatever the variables hold', () => {
    const names = fc.constantFrom('LND_REST_HOST', 'LND_TLS_CERT', 'LNBITS_URL', 'PHOENIXD_URL', ...SECRET_VARIABLES);
    const environments = fc.dictionary(names, fc.oneof(fc.string(), fc.string({ unit: 'binary' })), { maxKeys: 4 });
    fc.assert(
      fc.property(environments, fc.constantFrom('pay', 'receive', undefined), (environment, role) => {
        try {
          walletFromEnv({ ...environment }, role === undefined ? {} : { role });
        } catch (error) {
          expect(isSatwayError(error, 'WALLET_NOT_CONFIGURED')).toBe(true);
        }
      }),
    );
  });
});

describe('taking secrets out of the environment', () => {
  it.each([
    [LND, ['LND_MACAROON']],
    [LNBITS, ['LNBITS_ADMIN_KEY', 'LNBITS_INVOICE_KEY']],
    [PHOENIXD, ['PHOENIXD_PASSWORD']],
    [{ NWC_URI: NWC }, ['NWC_URI']],
  ])('deletes every secret of the wallet and nothing else, when told to: %j', (wallet, secrets) => {
    const environment: NodeJS.ProcessEnv = { ...wallet, PATH: '/bin' };
    walletFromEnv(environment, { role: 'receive', scrub: true });
    const kept = Object.keys({ ...wallet, PATH: '/bin' }).filter((name) => !secrets.includes(name));
    expect(Object.keys(environment)).toEqual(kept);
  });

  it('leaves an environment as it is that is not the one of the process, and any that is refused', () => {
    const environment = { ...LND };
    walletFromEnv(environment);
    expect(environment).toEqual(LND);
    const refused = { ...LND, NWC_URI: NWC };
    refusal(refused, { scrub: true });
    expect(refused).toEqual({ ...LND, NWC_URI: NWC });
  });
});
