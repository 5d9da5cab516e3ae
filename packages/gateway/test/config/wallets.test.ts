import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warnOfOpenFiles } from '../../src/config/file-rights.js';
import { createKeyFile, loadGatewayConfig, loadWalletFile } from '../../src/index.js';

const MACAROON_HEX = '0201036c6e6400';
const NWC = `nostr+walletconnect://${'ab'.repeat(32)}?relay=wss://relay.example&secret=${'cd'.repeat(32)}`;
const OLDER_NWC = NWC.replace('nostr+walletconnect', 'nostrwalletconnect');
const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
const SHOP = `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:9000
keys: ./keys.json
store: {kind: memory}
endpoints: [{id: a, method: GET, path: /a, priceSats: 5}]
`;
const SECRETS = {
  MACAROON: MACAROON_HEX,
  KEY: 'f00d'.repeat(8),
  PASSWORD: 'pass word',
  NWC,
  OLDER_NWC,
  NO_NWC: 'https://x',
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-wallets-'));
  await createKeyFile(join(folder, 'keys.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function walletsOf(text: string, environment: Record<string, string> = SECRETS) {
  await writeFile(join(folder, 'satway.yaml'), `${SHOP}${text}\n`);
  return (await loadGatewayConfig(join(folder, 'satway.yaml'), environment)).wallets;
}

/** The lines that a refused file is told. */
async function mistakes(loading: Promise<unknown>): Promise<string[]> {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(error).toBeInstanceOf(SatwayError);
  const lines = ((error as SatwayError).detail ?? '').split('\n').slice(1);
  return lines.map((line) => line.trim());
}

describe('the wallet of a configuration', () => {
  it.each([
    [
      'lnd',
      `{kind: lnd, url: https://node:8080/, macaroonEnv: MACAROON, tlsFingerprint: "${FINGERPRINT}", privateChannels: true}`,
      {
        kind: 'lnd',
        url: 'https://node:8080',
        macaroonHex: MACAROON_HEX,
        tlsFingerprint256: FINGERPRINT,
        privateChannels: true,
      },
    ],
    [
      'lnbits below a path',
      '{kind: lnbits, url: https://pay.example/lnbits/, keyEnv: KEY, network: bitcoin}',
      { kind: 'lnbits', url: 'https://pay.example/lnbits', key: SECRETS.KEY, network: 'bitcoin' },
    ],
    [
      'phoenixd on this machine',
      '{kind: phoenixd, url: http://127.0.0.1:9740, passwordEnv: PASSWORD}',
      { kind: 'phoenixd', url: 'http://127.0.0.1:9740', password: 'pass word' },
    ],
    [
      'lnd below a path, pinned by the line that openssl prints',
      `{kind: lnd, url: https://n/lnd/, macaroonEnv: MACAROON, tlsFingerprint: "sha256 Fingerprint=${FINGERPRINT}"}`,
      { kind: 'lnd', url: 'https://n/lnd', macaroonHex: MACAROON_HEX, tlsFingerprint256: FINGERPRINT },
    ],
    [
      'phoenixd below a path',
      '{kind: phoenixd, url: https://n/phoenix, passwordEnv: PASSWORD}',
      { kind: 'phoenixd', url: 'https://n/phoenix', password: 'pass word' },
    ],
    ['nwc', '{kind: nwc, uriEnv: NWC}', { kind: 'nwc', uri: NWC }],
    ['nwc in its older form', '{kind: nwc, uriEnv: OLDER_NWC}', { kind: 'nwc', uri: OLDER_NWC }],
    ['a secret filled in', '{kind: nwc, uri: "${NWC}"}', { kind: 'nwc', uri: NWC }],
  ])('can be %s', async (_what, wallet, settings) => {
    expect(await walletsOf(`wallet: ${wallet}`)).toEqual([{ settings, allowPowers: [] }]);
  });

  it('can be several, in order, each with the powers that its credential is allowed', async () => {
    const text = `wallets:
  - {kind: lnbits, url: https://a.example, keyEnv: KEY, allowPowers: [pay]}
  - {kind: nwc, uriEnv: NWC}`;
    const wallets = await walletsOf(text);
    expect(wallets.map(({ settings, allowPowers }) => [settings.kind, ...allowPowers])).toEqual([
      ['lnbits', 'pay'],
      ['nwc'],
    ]);
  });

  it('has its secret from a file, or from the file that the variable’s twin names', async () => {
    await writeFile(join(folder, 'lnbits.key'), `${SECRETS.KEY}\n`);
    const settings = { kind: 'lnbits', url: 'https://a.example', key: SECRETS.KEY };
    const wallet = '{kind: lnbits, url: https://a.example, ';
    expect(await walletsOf(`wallet: ${wallet}keyFile: lnbits.key}`, {})).toMatchObject([{ settings }]);
    const twin = { LNBITS_KEY_FILE: join(folder, 'lnbits.key') };
    expect(await walletsOf(`wallet: ${wallet}keyEnv: LNBITS_KEY}`, twin)).toMatchObject([{ settings }]);
  });

  it('has a macaroon as LND writes it from the file that the variable’s twin names', async () => {
    const raw = Buffer.from('0201036c6e6402f801030a10ff80fec1d3e4f5061728394a5b6c7d8e', 'hex');
    await writeFile(join(folder, 'raw.macaroon'), raw, { mode: 0o600 });
    const twin = { LND_MACAROON_FILE: join(folder, 'raw.macaroon') };
    const wallet = 'kind: lnd\nurl: https://n\nmacaroonEnv: LND_MACAROON\n';
    const settings = { macaroonHex: raw.toString('hex') };
    expect(await walletsOf('wallet: {kind: lnd, url: https://n, macaroonEnv: LND_MACAROON}', twin)).toMatchObject([
      { settings },
    ]);
    await writeFile(join(folder, 'wallet.yaml'), wallet, { mode: 0o600 });
    expect(await loadWalletFile(join(folder, 'wallet.yaml'), { environment: twin })).toMatchObject(settings);
  });

  it.each([
    ['none', '', 'wallet is missing; give wallet, or wallets with several in order'],
    ['an empty list', 'wallets: []', 'wallets must list at least one wallet'],
    [
      'wallet and wallets',
      'wallet: {kind: nwc, uriEnv: NWC}\nwallets: [{kind: nwc, uriEnv: NWC}]',
      'wallets contradicts wallet; give one of the two',
    ],
    ['an unknown kind', 'wallet: {kind: cln, url: https://n}', 'wallet.kind must be {kind: lnd, …}'],
    ['no secret', 'wallet: {kind: phoenixd, url: https://n}', 'wallet needs one of passwordFile, passwordEnv'],
    [
      'two secrets',
      'wallet: {kind: lnbits, url: https://n, keyEnv: KEY, key: "${KEY}"}',
      'wallet.keyEnv contradicts key; give one of the two',
    ],
    [
      'a secret in plain text',
      `wallet: {kind: lnbits, url: https://n, key: ${'f00d'.repeat(8)}}`,
      'wallet.key is a secret in plain text; use keyFile or keyEnv, or write ${NAME} for a variable',
    ],
    [
      'an address of another kind',
      'wallet: {kind: nwc, uriEnv: NO_NWC}',
      'wallet.uriEnv does not hold an address nostr',
    ],
    [
      'a secret over http',
      'wallet: {kind: lnbits, url: http://pay.example, keyEnv: KEY}',
      'wallet.url must be https: the key would cross the network in the clear',
    ],
    [
      'a password in the address',
      'wallet: {kind: phoenixd, url: "https://u:f00df00d@n", passwordEnv: PASSWORD}',
      'wallet.url must not hold a user name or password',
    ],
    [
      'two pins',
      `wallet: {kind: lnd, url: https://n, macaroonEnv: MACAROON, tlsCertFile: satway.yaml, tlsFingerprint: "${FINGERPRINT}"}`,
      'wallet.tlsFingerprint contradicts tlsCertFile; give one of the two',
    ],
    [
      'a short pin',
      'wallet: {kind: lnd, url: https://n, macaroonEnv: MACAROON, tlsFingerprint: "AB:CD"}',
      'wallet.tlsFingerprint must be the SHA-256 fingerprint of the certificate',
    ],
    [
      'a key of another kind',
      'wallet: {kind: lnbits, url: https://n, keyEnv: KEY, macaroonFile: m}',
      'wallet.macaroonFile is not a key of this kind',
    ],
    [
      'a name that was never ours',
      'wallet: {kind: lnbits, url: https://n, keyEnv: KEY, adminKey: x}',
      'wallet.adminKey is not a key here; it is called keyFile or keyEnv',
    ],
    [
      'a power that is none',
      'wallet: {kind: nwc, uriEnv: NWC, allowPowers: [spend]}',
      'must be one of pay, administer',
    ],
    ['a flag of powers', 'wallet: {kind: nwc, uriEnv: NWC, allowPowers: true}', 'wallet.allowPowers must be a list'],
    [
      'two networks',
      'wallets: [{kind: nwc, uriEnv: NWC, network: bitcoin}, {kind: nwc, uriEnv: NWC, network: regtest}]',
      'wallets[1].network contradicts wallets[0].network; all wallets must be on one network',
    ],
    [
      'a variable that is not set',
      'wallet: {kind: nwc, uri: "${GONE}"}',
      'wallet.uri names the variable GONE, which is not set',
    ],
  ])('is refused with %s, in one line', async (_what, text, message) => {
    const lines = await mistakes(walletsOf(text));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
    expect(lines[0]).not.toContain('f00df00d');
  });
});

describe('a price in fractions of a sat', () => {
  it.each(['lnbits, url: https://n, keyEnv: KEY', 'phoenixd, url: https://n, passwordEnv: PASSWORD'])(
    'is refused with {kind: %s}, which could not ask for it',
    async (entry) => {
      const path = join(folder, 'satway.yaml');
      const shop = SHOP.replace('priceSats: 5', 'priceMsat: 1250');
      await writeFile(path, `${shop}wallets: [{kind: nwc, uriEnv: NWC}, {kind: ${entry}}]\n`);
      const [kind] = entry.split(',');
      expect(await mistakes(loadGatewayConfig(path, SECRETS))).toEqual([
        `6:55 endpoints[0].priceMsat must be a multiple of 1000: ${kind} makes invoices over whole sats only`,
      ]);
      await writeFile(path, `${shop.replace('1250', '2000')}wallet: {kind: ${entry}}\n`);
      expect((await loadGatewayConfig(path, SECRETS)).endpoints).toHaveLength(1);
    },
  );
});

describe('placeholders', () => {
  it('are filled in every text, once, and can be written as themselves', async () => {
    const path = join(folder, 'satway.yaml');
    const text = `${SHOP.replace('slug: acme', 'slug: "${SLUG}-${GONE:-b}"').replace('origin: http://127.0.0.1:9000', 'origin: ${ORIGIN}')}
wallet: {kind: phoenixd, url: "\${URL}", password: "\${PASSWORD}"}
listen: {host: "$\${SLUG}"}`;
    await writeFile(path, text);
    const environment = { SLUG: 'a', ORIGIN: 'https://api.example', URL: 'https://n', PASSWORD: '${SLUG}' };
    const { tenant, origin, listen, wallets } = await loadGatewayConfig(path, environment);
    expect([tenant.slug, origin, listen.host]).toEqual(['a-b', 'https://api.example', '${SLUG}']);
    expect(wallets[0]?.settings).toMatchObject({ password: '${SLUG}' });
  });

  it('that cannot be filled are the only mistake at their place, and stand beside all others', async () => {
    const lines = await mistakes(
      walletsOf('wallet: {kind: lnbits, url: "${NO_URL}", keyEnv: KEY}\nadmin: {port: x}\nlisten: {host: "a${"}'),
    );
    expect(lines).toEqual([
      '7:29 wallet.url names the variable NO_URL, which is not set',
      '8:15 admin.port must be a whole number',
      '9:16 listen.host holds a placeholder that cannot be read; write ${NAME} or ${NAME:-default}, and $$ for a dollar sign',
    ]);
  });
});

describe('a wallet in a file of its own', () => {
  async function load(
    text: string,
    mode = 0o600,
    environment: Record<string, string> = SECRETS,
  ): Promise<{ settings: unknown; warnings: string[] }> {
    const warnings: string[] = [];
    const path = join(folder, 'wallet.yaml');
    await writeFile(path, text, { mode });
    const options = { environment, warn: (message: string) => void warnings.push(message) };
    return { settings: await loadWalletFile(path, options), warnings };
  }

  it.each([
    ['YAML', 'kind: lnd\nurl: https://n:8080\nmacaroonFile: ./sub/pay.macaroon\nmaxParts: 4\n'],
    ['JSON', '{"kind":"lnd","url":"https://n:8080","macaroonFile":"./sub/pay.macaroon","maxParts":4}'],
  ])('is %s with what stands under wallet:, and what only paying needs', async (_form, text) => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'sub', 'pay.macaroon'), Buffer.from(MACAROON_HEX, 'hex'), { mode: 0o600 });
    expect(await load(text, 0o644)).toEqual({
      settings: { kind: 'lnd', url: 'https://n:8080', macaroonHex: MACAROON_HEX, maxParts: 4 },
      warnings: [],
    });
  });

  it.each([
    ['lnd', { kind: 'lnd', url: 'https://n', macaroon: MACAROON_HEX }, { macaroonHex: MACAROON_HEX }],
    ['lnbits', { kind: 'lnbits', url: 'https://n', key: 'abc' }, { key: 'abc' }],
    ['phoenixd', { kind: 'phoenixd', url: 'https://n', password: 'abc' }, { password: 'abc' }],
    ['nwc', { kind: 'nwc', uri: NWC }, { uri: NWC }],
  ])('may hold the secret of %s itself', async (_kind, entry, settings) => {
    expect(await load(JSON.stringify(entry))).toMatchObject({ settings, warnings: [] });
  });

  it.each([
    ['macaroonFile', 'kind: lnd\nurl: https://n', Buffer.from(MACAROON_HEX, 'hex'), { macaroonHex: MACAROON_HEX }],
    ['keyFile', 'kind: lnbits\nurl: https://n', 'abc', { key: 'abc' }],
    ['passwordFile', 'kind: phoenixd\nurl: https://n', 'abc', { password: 'abc' }],
    ['uriFile', 'kind: nwc', NWC, { uri: NWC }],
  ])(
    'may name a folder by a placeholder in %s, and is warned of the file that is there',
    async (key, head, content, settings) => {
      const file = join(folder, 'secret');
      const text = `${head}\n${key}: "\${HERE}/\${GONE:-secret}"\n`;
      await writeFile(file, content, { mode: 0o600 });
      expect(await load(text, 0o644, { HERE: folder })).toMatchObject({ settings, warnings: [] });
      await chmod(file, 0o644);
      expect((await load(text, 0o644, { HERE: folder })).warnings).toEqual([
        `${file} holds a secret and may be read by others: chmod 600 ${file}`,
      ]);
    },
  );

  it('may name its certificate by a placeholder, and is warned of one that others may change', async () => {
    const file = join(folder, 'tls.cert');
    await writeFile(file, CERTIFICATE, { mode: 0o644 });
    const text = `kind: lnd\nurl: https://n\nmacaroonEnv: MACAROON\ntlsCertFile: "\${HERE}/tls.cert"\n`;
    const environment = { ...SECRETS, HERE: folder };
    expect(await load(text, 0o644, environment)).toMatchObject({ settings: { tlsCertPem: CERTIFICATE }, warnings: [] });
    await chmod(file, 0o664);
    expect((await load(text, 0o644, environment)).warnings).toEqual([
      `${file} says whom the wallet trusts and may be changed by others: chmod go-w ${file}`,
    ]);
  });

  it('holds no secret where a placeholder stands, and one where its default does', async () => {
    const path = join(folder, 'wallet.yaml');
    const text = 'kind: lnbits\nurl: https://n\nkey: ';
    expect(await load(`${text}\${KEY}`, 0o644)).toMatchObject({ settings: { key: SECRETS.KEY }, warnings: [] });
    await rm(path);
    const { settings, warnings } = await load(`${text}"\${NOPE:-0123456789abcdef}"`, 0o644);
    expect(settings).toMatchObject({ key: '0123456789abcdef' });
    expect(warnings).toEqual([`${path} holds a secret and may be read by others: chmod 600 ${path}`]);
  });

  it('is warned of where others may read the secret, in it or in the file that it names', async () => {
    const path = join(folder, 'wallet.yaml');
    expect((await load(`{kind: nwc, uri: "${NWC}"}`, 0o640)).warnings).toEqual([]);
    await chmod(path, 0o644);
    expect((await load(`{kind: nwc, uri: "${NWC}"}`)).warnings).toEqual([
      `${path} holds a secret and may be read by others: chmod 600 ${path}`,
    ]);
    await rm(path);
    await writeFile(join(folder, 'k'), 'abc', { mode: 0o644 });
    const { warnings } = await load('{kind: lnbits, url: https://n, keyFile: k}');
    expect(warnings).toEqual([expect.stringContaining(`${join(folder, 'k')} holds a secret`)]);
    await chmod(join(folder, 'k'), 0o606);
    const twin = await load('{kind: lnbits, url: https://n, keyEnv: K}', 0o600, { K_FILE: join(folder, 'k') });
    expect(twin.warnings).toEqual([expect.stringContaining('may be read or changed by others')]);
  });

  it.each([0o620, 0o602, 0o666])(
    'is warned of where others may change to whom its secret is sent: %o',
    async (mode) => {
      const path = join(folder, 'wallet.yaml');
      await load('kind: lnbits\nurl: https://n\nkeyEnv: KEY');
      await chmod(path, mode);
      expect((await load('kind: lnbits\nurl: https://n\nkeyEnv: KEY')).warnings).toEqual([
        `${path} says where the secret of the wallet is sent and may be changed by others: chmod go-w ${path}`,
      ]);
    },
  );

  it('is read all the same where nobody can tell who may read what it names', async () => {
    const warnings: string[] = [];
    const gone = join(folder, 'gone');
    const places = { files: [{ key: 'keyFile', path: gone, isSecret: true }], inline: [] };
    await writeFile(join(folder, 'wallet.yaml'), '', { mode: 0o600 });
    await warnOfOpenFiles(join(folder, 'wallet.yaml'), places, (message) => void warnings.push(message));
    expect(warnings).toEqual([`${gone}: nobody can tell who may read or change it.`]);
  });

  it('is told all mistakes with their places, and never its secret', async () => {
    const lines = await mistakes(
      load('kind: lnbits\nurl: http://n.example\nkey: "f00d f00d"\nmacaroonPath: x\nports: 1\n'),
    );
    expect(lines).toEqual([
      '2:6 url must be https: the key would cross the network in the clear',
      '3:6 key does not hold a key of an LNbits wallet',
      '4:1 macaroonPath is not a key here; it is called macaroonFile',
      expect.stringMatching(/^5:1 ports is not a key here/),
    ]);
  });

  it.each([
    ['nothing', '', '1:1 kind must be {kind: lnd, …}'],
    ['a list', '- a', '1:1 (file) must be a group of keys'],
    ['no YAML', '{', '(file)'],
  ])('is refused with %s in it', async (_what, text, message) => {
    expect((await mistakes(load(text)))[0]).toContain(message);
  });

  it('is not read at all where it is not there', async () => {
    await expect(loadWalletFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
