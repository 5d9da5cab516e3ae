import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsInConfig, pathsInEnvironment, statSecrets } from '../../src/doctor/facts/file-facts.js';
import { findPlainSecrets } from '../../src/doctor/facts/plain-secrets.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = 'x', mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

describe('a secret in a configuration', () => {
  it.each([
    ['a macaroon under its name', 'wallet: {kind: lnd, macaroon: 0201036c6e64}', 'macaroon'],
    ['a key of LNbits', 'wallet: {kind: lnbits, key: "d41d8cd98f00b204e9800998ecf8427e"}', 'key'],
    ['a password', '  password: hunter2!', 'password'],
    ['a password in JSON', '{"kind":"phoenixd","password":"hunter2!"}', 'password'],
    ['a wallet connection', '  uri: nostr+walletconnect://b889?relay=wss://r&secret=71a8', 'by its form'],
    ['a database address with a password', '  url: postgres://me:hunter2@db/x', 'by its form'],
    ['long hex under any name', '  note: 0123456789abcdef0123456789abcdef', 'note'],
    ['one in a comment', '# url: postgres://me:hunter2@db/x', 'by its form'],
    ['one behind other keys of a line', 'a: {b: 1, c: 2, secret: s3cr3t}', 'secret'],
  ])('is found: %s', (_what, text, name) => {
    expect(findPlainSecrets('satway.yaml', `version: 1\n${text}\n`)).toEqual([
      { file: 'satway.yaml', line: 2, name, isWalletFile: false },
    ]);
  });

  it.each([
    ['a file that is named', 'wallet: {kind: lnd, macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}'],
    ['a variable that is named', 'wallet: {kind: phoenixd, passwordEnv: PHOENIXD_PASSWORD}'],
    ['a placeholder', '  password: ${PHOENIXD_PASSWORD}'],
    ['a placeholder in quotes', '  key: "${LNBITS_INVOICE_KEY}"'],
    ['the file of keys', 'keys: ./keys.json'],
    ['the tenant id', 'tenant: {id: 6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d, slug: acme}'],
    ['a fingerprint', `  tlsFingerprint: ${'ab'.repeat(32)}`],
    ['an address', 'origin: http://127.0.0.1:9000'],
    ['a price', '  - {id: tile, method: GET, path: /v1/tile/:z/:x/:y, priceMsat: 250, uses: 20}'],
  ])('is not seen in %s', (_what, text) => {
    expect(findPlainSecrets('satway.yaml', text)).toEqual([]);
  });

  it('is not seen in the configuration that “satway gateway init” writes', async () => {
    const { initGatewayFiles } = await import('@satway/gateway');
    const { readFileSync } = await import('node:fs');
    const { configPath } = await initGatewayFiles(folder);
    expect(findPlainSecrets(configPath, readFileSync(configPath, 'utf8'))).toEqual([]);
  });
});

describe('files with secrets', () => {
  it('are found through a configuration, relative to its folder; certificates are none', () => {
    const config = write(
      'satway.yaml',
      'keys: ./keys.json\nwallet: {kind: lnd, macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}',
    );
    expect(pathsInConfig(config)).toEqual([
      { path: join(folder, 'invoice.macaroon'), what: 'macaroonFile' },
      { path: join(folder, 'keys.json'), what: 'keys' },
    ]);
  });

  it('are found in JSON too, and a wallet file that holds its secret itself is one', () => {
    const file = write('wallet.json', '{"kind":"lnbits","keyFile":"lnbits.key"}');
    expect(pathsInConfig(file).map(({ path }) => path)).toEqual([join(folder, 'lnbits.key')]);
    const inline = write('inline.yaml', 'kind: phoenixd\nurl: http://127.0.0.1:9740\npassword: hunter2!\n');
    expect(pathsInConfig(inline).map(({ path }) => path)).toEqual([inline]);
  });

  it('are found through variables that hold a path, and a variable that holds the secret is none', () => {
    const macaroon = write('pay.macaroon');
    expect(pathsInEnvironment({ LND_MACAROON: macaroon })).toEqual([{ path: macaroon, what: 'LND_MACAROON' }]);
    expect(pathsInEnvironment({ NWC_URI_FILE: macaroon })).toEqual([{ path: macaroon, what: 'NWC_URI_FILE' }]);
    expect(pathsInEnvironment({ LND_MACAROON: '0201036c6e64', PHOENIXD_PASSWORD: 'x'.repeat(5000) })).toEqual([]);
  });

  it('are told with their rights, once each, and those that are not there are left out', () => {
    const open = write('open', 'x', 0o644);
    const facts = statSecrets([
      { path: open, what: 'a' },
      { path: join(folder, '.', 'open'), what: 'b' },
      { path: join(folder, 'gone'), what: 'c' },
      { path: folder, what: 'd' },
    ]);
    expect(facts.map(({ mode, isFolder, ownedByUs }) => ({ mode, isFolder, ownedByUs }))).toEqual([
      { mode: 0o644, isFolder: false, ownedByUs: true },
      { mode: 0o700, isFolder: true, ownedByUs: true },
    ]);
  });
});
