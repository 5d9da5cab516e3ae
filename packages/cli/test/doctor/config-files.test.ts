import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initGatewayFiles } from '@satway/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherConfigFile } from '../../src/doctor/facts/config-files.js';

const HEX = '0123456789abcdef'.repeat(2);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function gather(text: string, isWalletFile: boolean, environment: Record<string, string> = {}) {
  const path = join(folder, isWalletFile ? 'wallet.yaml' : 'satway.yaml');
  writeFileSync(path, text);
  return gatherConfigFile({ path, isWalletFile }, environment);
}

/** Of each file that the configuration names: its key, its path from the folder, and whether it is secret. */
async function named(text: string, isWalletFile: boolean, environment: Record<string, string> = {}) {
  const { paths } = await gather(text, isWalletFile, environment);
  return paths.slice(1).map(({ what, path, isSecret }) => [what, path.slice(folder.length + 1), isSecret]);
}

describe('the files that a configuration names', () => {
  it('are found relative to its folder; a certificate is no secret', async () => {
    const wallet = 'wallet: {kind: lnd, macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}';
    expect(await named(`keys: ./keys.json\nstore: {kind: postgres, urlFile: db.url}\n${wallet}`, false)).toEqual([
      ['keys', 'keys.json', true],
      ['store.urlFile', 'db.url', true],
      ['wallet.macaroonFile', 'invoice.macaroon', true],
      ['wallet.tlsCertFile', 'tls.cert', false],
    ]);
  });

  it('are found in JSON too, by paths with spaces, with variables, and with defaults', async () => {
    expect(await named('{"kind":"lnbits","keyFile":"my dir/lnbits.key"}', true)).toEqual([
      ['keyFile', 'my dir/lnbits.key', true],
    ]);
    const keys = 'keys: "${SEC}/my keys.json"\nwallet: {kind: nwc, uriFile: "${NOPE:-./se c}/wallet.nwc"}';
    expect(await named(keys, false, { SEC: join(folder, 'sec') })).toEqual([
      ['keys', 'sec/my keys.json', true],
      ['wallet.uriFile', 'se c/wallet.nwc', true],
    ]);
  });

  it('are found in every wallet of several, and behind a variable’s twin', async () => {
    const plain = 'wallets:\n  - kind: lnd\n    macaroonFile: >-\n      a b\n  - {kind: lnbits, keyEnv: SHOP_KEY}\n';
    expect(await named(plain, false, { SHOP_KEY_FILE: join(folder, 'shop.key') })).toEqual([
      ['wallets[0].macaroonFile', 'a b', true],
      ['wallets[1].keyEnv', 'shop.key', true],
    ]);
  });

  it('come after the configuration itself, which is secret where a secret stands in it', async () => {
    const [plain] = (await gather('kind: nwc\nuriFile: a\n', true)).paths;
    expect(plain).toMatchObject({ path: join(folder, 'wallet.yaml'), isSecret: false });
    const [holding] = (await gather('kind: phoenixd\npassword: hunter2!\n', true)).paths;
    expect(holding).toMatchObject({ path: join(folder, 'wallet.yaml'), isSecret: true });
  });
});

describe('a secret that stands in a configuration', () => {
  it.each([
    ['as a block', `key: |\n  ${HEX}`, 'key'],
    ['on the next line', 'password:\n  hunter2hunter2', 'password'],
    ['as a default', `key: "\${NOPE:-${HEX}}"`, 'key'],
    ['as a number', 'password: 12345678', 'password'],
    ['behind a reference', `key: *a`, 'key'],
  ])('is found on the line of its key: %s', async (_how, text, name) => {
    const { secrets, unread } = await gather(`network: &a ${HEX}\n${text}\n`, true);
    expect(secrets.filter(({ line }) => line === 2)).toEqual([
      { file: join(folder, 'wallet.yaml'), line: 2, name, isWalletFile: true },
    ]);
    expect(unread).toBeNull();
  });

  it('is found below wallet and wallets, each line once and in order', async () => {
    const text = `# was: postgres://me:hunter2@db/x\nwallet:\n  kind: lnbits\n  key: |\n    ${HEX}\nwallets:\n  - {kind: phoenixd, password: hunter2!}\n`;
    const { secrets } = await gather(text, false);
    expect(secrets.map(({ line, name, isWalletFile }) => [line, name, isWalletFile])).toEqual([
      [1, 'by its form', false],
      [4, 'key', false],
      [7, 'password', false],
    ]);
  });

  it('is none where a variable alone stands there', async () => {
    const { secrets } = await gather('kind: lnbits\nkey: |-\n  ${SHOP_KEY}\n', true);
    expect(secrets).toEqual([]);
  });

  it('is none in the configuration that “satway gateway init” writes', async () => {
    const { configPath } = await initGatewayFiles(folder);
    const { secrets, unread } = await gatherConfigFile({ path: configPath, isWalletFile: false }, {});
    expect([secrets, unread]).toEqual([[], null]);
  });
});

describe('a configuration that cannot be looked through', () => {
  it('is told as such where it is no YAML, and its lines are looked at all the same', async () => {
    const { secrets, unread, paths } = await gather('kind: [\npassword: hunter2!\nkey: *Zx9hunter2Secret\n', true);
    expect(secrets.map(({ line }) => line)).toEqual([2, 3]);
    expect(unread).toEqual({ path: join(folder, 'wallet.yaml'), why: 'is no YAML that can be used' });
    expect(paths.map(({ isSecret }) => isSecret)).toEqual([true]);
  });

  it('is told as such where it is not there', async () => {
    const { secrets, unread } = await gatherConfigFile({ path: join(folder, 'gone'), isWalletFile: true }, {});
    expect([secrets, unread?.why]).toEqual([[], 'cannot be read']);
  });
});
