import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway } from '../run-satway.js';

interface CheckLine {
  readonly id: string;
  readonly verdict: string;
  readonly detail: string;
  readonly fix: string;
}

let network: Serving;
let sandbox = '';
let url = '';
beforeAll(async () => {
  sandbox = mkdtempSync(join(tmpdir(), 'satway-sandbox-'));
  network = await serveSatway(['sandbox', '--json', '--tls', '--folder', sandbox]);
  url = String(network.first['url']);
});
afterAll(async () => {
  await network.stop('SIGTERM');
  rmSync(sandbox, { recursive: true, force: true });
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A buying side with nothing wrong but the amount of money that the sandbox gives it. */
function buyer(macaroon: string): Record<string, string> {
  return {
    SATWAY_HOME: home,
    LND_REST_HOST: url,
    LND_MACAROON: join(sandbox, `${macaroon}.macaroon`),
    LND_TLS_CERT: join(sandbox, 'tls.cert'),
    BUDGET_SATS: '50000',
    MAX_AUTO_PAY_SATS: '100',
    SATWAY_MAX_BALANCE_SATS: '100000',
  };
}

async function examine(args: readonly string[], environment: Record<string, string>) {
  const { code, stdout, stderr } = await runSatway(['doctor', '--json', ...args], environment);
  const lines = jsonLines(stdout);
  expect(lines).toHaveLength(1);
  expect(Object.keys(lines[0] ?? {})).toEqual(['checks']);
  const checks = lines[0]?.['checks'] as CheckLine[];
  for (const check of checks) expect(Object.keys(check)).toEqual(['id', 'verdict', 'detail', 'fix']);
  return { code, stdout, stderr, checks, verdict: (id: string) => checks.find((check) => check.id === id)?.verdict };
}

describe('satway doctor, on the buying side', { timeout: 120_000 }, () => {
  it('finds nothing that fails with a macaroon that only pays, and ends with 0', async () => {
    const { code, stderr, checks } = await examine([], buyer('buyer-pay'));
    expect(stderr).toBe('');
    expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(code).toBe(0);
  });

  it('warns of an admin macaroon, says how to bake a smaller one, and shows no secret', async () => {
    const { code, stdout, checks, verdict } = await examine([], buyer('buyer-admin'));
    expect(verdict('credential-scope')).toBe('warn');
    expect(verdict('dedicated-wallet')).toBe('warn');
    expect(checks.find(({ id }) => id === 'credential-scope')?.fix).toContain('bakemacaroon');
    expect(stdout).not.toContain(readFileSync(join(sandbox, 'buyer-admin.macaroon')).toString('hex').slice(0, 80));
    expect(code).toBe(0);
  });

  it('fails with a macaroon that cannot pay, and ends with 1', async () => {
    const { code, verdict } = await examine([], buyer('seller-invoice'));
    expect(verdict('credential-scope')).toBe('fail');
    expect(code).toBe(1);
  });

  it('fails without a wallet, and judges everything else all the same', async () => {
    const { code, verdict, checks } = await examine([], { SATWAY_HOME: home, LND_REST_HOST: '', LND_MACAROON: '' });
    expect(verdict('wallet-reachable')).toBe('fail');
    expect(verdict('dotenv')).toBe('ok');
    expect(checks).toHaveLength(17);
    expect(code).toBe(1);
  });

  it('fails where certificates are not checked, and where a macaroon may be read by everybody', async () => {
    const open = join(home, 'open.macaroon');
    writeFileSync(open, readFileSync(join(sandbox, 'buyer-pay.macaroon')));
    chmodSync(open, 0o644);
    const environment = { ...buyer('buyer-pay'), LND_MACAROON: open, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { verdict } = await examine([], environment);
    expect(verdict('file-permissions')).toBe('fail');
    expect(verdict('tls-verification')).toBe('fail');
  });

  it('hands no secret to git where two wallets are named at once', async () => {
    const work = join(home, 'work');
    const told = join(home, 'told');
    mkdirSync(work);
    writeFileSync(join(work, '.env'), 'X=1\n');
    writeFileSync(join(home, 'git'), `#!/bin/sh\nenv > '${told}'\n`, { mode: 0o755 });
    const secrets = { NWC_URI: 'nostr+walletconnect://hunter2hunter2', LND_MACAROON: '0201036c6e64' };
    const environment = { ...buyer('buyer-pay'), ...secrets, PATH: `${home}:${process.env['PATH']}` };
    const { verdict } = await examine(['--config', join(work, 'satway.yaml'), '--role', 'pay'], environment);
    expect([verdict('wallet-reachable'), verdict('dotenv')]).toEqual(['fail', 'ok']);
    expect(readFileSync(told, 'utf8')).toContain(`PATH=${home}`);
    expect(readFileSync(told, 'utf8')).not.toMatch(/NWC_URI|LND_|hunter2|0201036c6e64/);
  });

  it('takes the wallet from a file, and tells people the same in lines', async () => {
    const file = join(home, 'buyer.yaml');
    writeFileSync(
      file,
      `kind: lnd\nurl: ${url}\nmacaroonFile: ${join(sandbox, 'buyer-pay.macaroon')}\ntlsCertFile: ${join(sandbox, 'tls.cert')}\n`,
    );
    const { code, stdout } = await runSatway(['doctor', '--wallet-file', file], { SATWAY_HOME: home, NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}wallet-reachable /m);
    expect(stdout).toMatch(/^warn {2}budget .*BUDGET_SATS is not set/m);
    expect(stdout).toMatch(/\d+ ok, \d+ to look at, 0 failed\.\n$/);
  });
});

describe('satway doctor, with a wallet file', { timeout: 120_000 }, () => {
  it('sees the secret that stands in it, and does not show it', async () => {
    const file = join(home, 'wallet.yaml');
    writeFileSync(file, 'kind: phoenixd\nurl: http://127.0.0.1:1\npassword: hunter2hunter2\n', { mode: 0o600 });
    const { stdout, checks } = await examine(['--wallet-file', file], { SATWAY_HOME: home });
    expect(checks.find(({ id }) => id === 'secrets-in-config')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining(`${file}:3 (password)`),
    });
    expect(stdout).not.toContain('hunter2');
  });

  const HEX = '0123456789abcdef'.repeat(2);
  it.each([
    ['a block', `kind: lnbits\nurl: http://127.0.0.1:1\nkey: |\n  ${HEX}\n`, 3, 'key'],
    ['the next line', 'kind: phoenixd\nurl: http://127.0.0.1:1\npassword:\n  hunter2hunter2\n', 3, 'password'],
    ['a default', `kind: lnbits\nurl: http://127.0.0.1:1\nkey: "\${NOPE:-${HEX}}"\n`, 3, 'key'],
  ])('sees the secret that stands in %s', async (_where, text, line, name) => {
    const file = join(home, 'wallet.yaml');
    writeFileSync(file, text, { mode: 0o600 });
    const { stdout, checks } = await examine(['--wallet-file', file], { SATWAY_HOME: home });
    const check = checks.find(({ id }) => id === 'secrets-in-config');
    expect(check).toMatchObject({ verdict: 'warn', detail: expect.stringContaining(`${file}:${line} (${name})`) });
    expect(stdout).not.toMatch(/hunter2|0123456789abcdef/);
  });

  /** A wallet file, and the macaroon that it names. */
  function writeWallet(named: string, path: string, modes: { readonly file: number; readonly macaroon: number }) {
    const macaroon = join(home, path);
    mkdirSync(dirname(macaroon), { recursive: true });
    writeFileSync(macaroon, readFileSync(join(sandbox, 'buyer-pay.macaroon')));
    const file = join(home, 'wallet.yaml');
    const certificate = join(sandbox, 'tls.cert');
    writeFileSync(file, `kind: lnd\nurl: ${url}\nmacaroonFile: ${named}\ntlsCertFile: ${certificate}\n`);
    chmodSync(macaroon, modes.macaroon);
    chmodSync(file, modes.file);
    return { file, macaroon };
  }

  it.each([
    ['with a space', '"my dir/pay.macaroon"', 'my dir/pay.macaroon'],
    ['with a variable', '${SECDIR}/pay.macaroon', 'sec/pay.macaroon'],
    ['with a default', '"${NOPE:-./sec}/pay.macaroon"', 'sec/pay.macaroon'],
  ])('fails with a macaroon that everybody may write, named by a path %s', async (_what, named, path) => {
    const { file, macaroon } = writeWallet(named, path, { file: 0o600, macaroon: 0o666 });
    const environment = { SATWAY_HOME: home, SECDIR: join(home, 'sec') };
    const { code, verdict, checks } = await examine(['--wallet-file', file], environment);
    const check = checks.find(({ id }) => id === 'file-permissions');
    expect(check).toMatchObject({ verdict: 'fail', detail: expect.stringContaining(`${macaroon} (macaroonFile)`) });
    expect(verdict('wallet-reachable')).toBe('ok');
    expect(code).toBe(1);
  });

  it('fails where everybody may write the wallet file, though the secret lies elsewhere', async () => {
    const { file } = writeWallet('./pay.macaroon', 'pay.macaroon', { file: 0o666, macaroon: 0o600 });
    const { checks } = await examine(['--wallet-file', file], { SATWAY_HOME: home });
    const check = checks.find(({ id }) => id === 'file-permissions');
    expect(check).toMatchObject({ verdict: 'fail', fix: `chmod go-w ${file}` });
    expect(check?.detail).toContain('0666');
  });

  it('is content with a wallet file that everybody may read where the secret lies elsewhere', async () => {
    const { file } = writeWallet('./pay.macaroon', 'pay.macaroon', { file: 0o644, macaroon: 0o600 });
    const { verdict } = await examine(['--wallet-file', file], { SATWAY_HOME: home });
    expect(verdict('file-permissions')).toBe('ok');
  });

  it('says so where the file is no YAML, and shows nothing of it', async () => {
    const file = join(home, 'wallet.yaml');
    writeFileSync(file, 'kind: phoenixd\nurl: http://127.0.0.1:1\npassword: *Zx9hunter2Secret\n', { mode: 0o600 });
    const { stdout, verdict } = await examine(['--wallet-file', file], { SATWAY_HOME: home });
    expect([verdict('wallet-reachable'), verdict('file-permissions')]).toEqual(['fail', 'warn']);
    expect(verdict('secrets-in-config')).toBe('warn');
    expect(stdout).not.toContain('hunter2');
  });
});

describe('satway doctor, on the selling side', { timeout: 120_000 }, () => {
  let shop = '';
  beforeEach(async () => {
    shop = join(home, 'shop');
    mkdirSync(shop);
    await runSatway(['gateway', 'init', shop]);
  });

  function configure(macaroon: string): string {
    const config = join(shop, 'satway.yaml');
    const wallet = `wallet: {kind: lnd, url: ${url}, macaroonFile: ${join(sandbox, `${macaroon}.macaroon`)}, tlsCertFile: ${join(sandbox, 'tls.cert')}, network: regtest}`;
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^wallet: .*$/m, wallet));
    return config;
  }

  it('finds nothing that fails with a macaroon that only makes invoices', async () => {
    const { code, verdict, checks } = await examine(['--config', configure('seller-invoice')], { SATWAY_HOME: home });
    expect(checks.filter(({ verdict: found }) => found === 'fail')).toEqual([]);
    for (const id of ['credential-scope', 'key-age', 'secrets-in-config', 'file-permissions', 'network', 'clock'])
      expect([id, verdict(id)]).toEqual([id, 'ok']);
    expect(code).toBe(0);
  });

  it('fails with a macaroon that can pay, and ends with 1', async () => {
    const { code, verdict } = await examine(['--config', configure('seller-admin')], { SATWAY_HOME: home });
    expect(verdict('credential-scope')).toBe('fail');
    expect(code).toBe(1);
  });

  it.each([
    ['with a space', '"./se c/inv.macaroon"', 'se c/inv.macaroon'],
    ['with a variable', '"${SEC}/inv.macaroon"', 'sec/inv.macaroon'],
  ])('fails with a macaroon that everybody may write, named by a path %s', async (_what, named, path) => {
    const config = configure('seller-invoice');
    const macaroon = join(shop, path);
    mkdirSync(dirname(macaroon), { recursive: true });
    writeFileSync(macaroon, readFileSync(join(sandbox, 'seller-invoice.macaroon')));
    chmodSync(macaroon, 0o666);
    const text = readFileSync(config, 'utf8').replace(
      /^(wallet: .*macaroonFile: )[^,]+/m,
      (_all, before) => before + named,
    );
    writeFileSync(config, text);
    const environment = { SATWAY_HOME: home, SEC: join(shop, 'sec') };
    const { verdict, checks } = await examine(['--config', config], environment);
    const check = checks.find(({ id }) => id === 'file-permissions');
    expect(check).toMatchObject({ verdict: 'fail', detail: expect.stringContaining(macaroon) });
    expect(verdict('wallet-reachable')).toBe('ok');
  });

  it('fails where everybody may write the configuration, and warns where its group may', async () => {
    const config = configure('seller-invoice');
    chmodSync(config, 0o666);
    const open = await examine(['--config', config], { SATWAY_HOME: home });
    expect(open.verdict('file-permissions')).toBe('fail');
    chmodSync(config, 0o664);
    const grouped = await examine(['--config', config], { SATWAY_HOME: home });
    expect(grouped.verdict('file-permissions')).toBe('warn');
  });

  it('finds a .env beside the configuration that git does not ignore', async () => {
    const config = configure('seller-invoice');
    execFileSync('git', ['init', '-q'], { cwd: shop });
    writeFileSync(join(shop, '.env'), 'X=1\n');
    const { verdict, checks } = await examine(['--config', config], { SATWAY_HOME: home });
    expect(verdict('dotenv')).toBe('fail');
    expect(checks.find(({ id }) => id === 'dotenv')?.detail).toContain(join('shop', '.env'));
  });

  it('finds a secret in the configuration, and keys that others may read', async () => {
    const config = configure('seller-invoice');
    writeFileSync(config, `${readFileSync(config, 'utf8')}\n# was: postgres://me:hunter2@db/x\n`);
    chmodSync(join(shop, 'keys.json'), 0o640);
    const { verdict, checks, stdout } = await examine(['--config', config], { SATWAY_HOME: home });
    expect(verdict('secrets-in-config')).toBe('fail');
    expect(verdict('key-age')).toBe('fail');
    expect(checks.find(({ id }) => id === 'file-permissions')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringMatching(/satway\.yaml .*0644.*keys\.json .*0640/),
    });
    expect(stdout).not.toContain('hunter2');
  });
});
