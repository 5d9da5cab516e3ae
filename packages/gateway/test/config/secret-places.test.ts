import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSecretPlaces } from '../../src/index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-places-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function placesIn(
  text: string,
  form: 'gateway' | 'wallet' = 'gateway',
  environment: Record<string, string> = {},
) {
  const path = join(folder, 'file.yaml');
  await writeFile(path, text);
  return findSecretPlaces(path, form, environment);
}

const file = (key: string, name: string, isSecret = true) => ({ key, path: join(folder, name), isSecret });

describe('the files that a configuration names', () => {
  it('are told by their key alone where their variable is not set', async () => {
    const text = 'keys: ${NOPE}/keys.json\nwallet: {kind: lnd, url: "${NOPE}", macaroonFile: "${SEC}/m"}\n';
    const { files, unfilled } = await placesIn(text, 'gateway', { SEC: 'sec' });
    expect([files, unfilled]).toEqual([[file('wallet.macaroonFile', 'sec/m')], ['keys']]);
  });

  it('are those of its keys, its store and each of its wallets, whatever is wrong beside them', async () => {
    const { files } = await placesIn(`keys: ./keys.json
store: {kind: postgres, urlFile: db.url}
nonsense: 1
wallet: {kind: lnd, macaroonFile: "my dir/in.macaroon", tlsCertFile: tls.cert}
wallets: [{kind: cln, keyFile: k}, text, {uriFile: 'a b'}]
`);
    expect(files).toEqual([
      file('keys', 'keys.json'),
      file('store.urlFile', 'db.url'),
      file('wallet.macaroonFile', 'my dir/in.macaroon'),
      file('wallet.tlsCertFile', 'tls.cert', false),
      file('wallets[0].keyFile', 'k'),
      file('wallets[2].uriFile', 'a b'),
    ]);
  });

  it('are told with their placeholders filled, and left out where these cannot be', async () => {
    const text = 'keys: "${SEC}/keys.json"\nwallet: {macaroonFile: "${SEC:-other}/m", tlsCertFile: "${GONE}/c"}';
    expect((await placesIn(text, 'gateway', { SEC: 'sec' })).files).toEqual([
      file('keys', 'sec/keys.json'),
      file('wallet.macaroonFile', 'sec/m'),
    ]);
  });

  it('are also those that the twin of a variable names', async () => {
    const environment = { MACAROON_FILE: 'm', DATABASE_FILE: 'd', NETWORK_FILE: 'n', regtest_FILE: 'r' };
    const text = 'store: {urlEnv: DATABASE}\nwallet: {macaroonEnv: MACAROON, keyEnv: UNSET, network: regtest}';
    expect((await placesIn(text, 'gateway', environment)).files).toEqual([
      file('store.urlEnv', 'd'),
      file('wallet.macaroonEnv', 'm'),
    ]);
  });

  it('of a wallet in a file of its own stand at its root', async () => {
    const { files } = await placesIn('{"kind":"lnbits","keyFile":"k","keys":"x"}', 'wallet');
    expect(files).toEqual([file('keyFile', 'k')]);
  });
});

describe('the secrets that stand in a configuration', () => {
  it.each([
    ['in a block', 'kind: lnbits\nkey: |\n  0123456789abcdef', [{ key: 'key', line: 2 }]],
    ['on the line after', 'kind: phoenixd\npassword:\n  hunter2', [{ key: 'password', line: 2 }]],
    ['as a number', 'password: 12345678', [{ key: 'password', line: 1 }]],
    ['as the default of a placeholder', 'kind: lnbits\n\nkey: "${NOPE:-0123456789abcdef}"', [{ key: 'key', line: 3 }]],
    ['beside a placeholder', 'password: "${A}hunter2"', [{ key: 'password', line: 1 }]],
    ['behind a reference', 'network: &a hunter2\npassword: *a', [{ key: 'password', line: 2 }]],
    ['in an address', 'url: https://u:hunter2@n', [{ key: 'url', line: 1 }]],
    ['not: a placeholder stands there', 'key: ${NOPE}\npassword: " ${A} "', []],
    ['not: nothing stands there', 'key:\npassword: ""\nurl: https://n\nmacaroonFile: m', []],
  ])('are found %s', async (_what, text, inline) => {
    expect((await placesIn(text, 'wallet')).inline).toEqual(inline);
  });

  it.each([
    ['wallet: {key: abc}\nwallets:\n  - {kind: nwc}\n  - uri: abc', ['wallet.key', 'wallets[1].uri']],
    ['store: {url: "postgres://shop:hunter2@db/shop"}', ['store.url']],
    ['store: {url: "postgres://shop:${PASSWORD:-hunter2}@db/shop"}', ['store.url']],
    ['store: {url: "postgres://db/shop?user=a&password=hunter2"}', ['store.url']],
    ['store: {url: "postgres://shop:${PASSWORD}@db/shop?password=${PASSWORD}"}', []],
    ['store: {url: "postgres://db:5432/shop?host=a@b"}', []],
    ['- key: abc', []],
    ['', []],
  ])('are found in %j of a gateway', async (text, keys) => {
    expect((await placesIn(text)).inline.map(({ key }) => key)).toEqual(keys);
  });

  it('cannot be told of a text that is no YAML, or of none', async () => {
    await expect(placesIn('key: "')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(findSecretPlaces(join(folder, 'none'), 'wallet')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
