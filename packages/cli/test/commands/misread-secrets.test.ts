import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile } from '@satway/gateway';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runSatway } from '../run-satway.js';
import { readTold } from '../wallet-sandbox.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-misread-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const run = (...args: string[]) => runSatway(args, { SATWAY_HOME: folder });
/** What a person may have as a password, and YAML takes for a reference or a tag. */
const SECRETS = ['*Zx9hunter2Secret', '!Zx9hunter2Secret'];
const wallet = (password: string): string => `{kind: phoenixd, url: "http://127.0.0.1:1", password: ${password}}\n`;

function writeShop(entry: string): string {
  const shop = `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:1
keys: ./keys.json
store: {kind: memory}
endpoints: [{id: a, method: GET, path: /a, priceSats: 5}]
wallet: ${entry}`;
  writeFileSync(at('satway.yaml'), shop, { mode: 0o600 });
  return at('satway.yaml');
}

describe.each(SECRETS)('a secret that YAML does not take for a text (%s)', { timeout: 60_000 }, (secret) => {
  it.each([
    ['wallet balance', ['wallet', 'balance']],
    ['pay', ['pay', 'http://127.0.0.1:1/']],
  ])('is not told by satway %s --wallet-file, which says where it stands', async (_what, args) => {
    writeFileSync(at('wallet.yaml'), wallet(secret), { mode: 0o600 });
    const { code, stdout, stderr } = await run(...args, '--wallet-file', at('wallet.yaml'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('CONFIG_INVALID');
    expect(stderr).toContain('1:55 (file)');
    expect(stderr).toContain('Funds moved: no');
    expect(stderr).not.toContain('hunter2');
  });

  it('is not told by satway gateway --check', async () => {
    await createKeyFile(at('keys.json'));
    const { code, stdout, stderr } = await run('gateway', '--check', '--config', writeShop(wallet(secret)));
    expect(code).toBe(2);
    expect(stderr).toContain('7:63 (file)');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('is not told by satway doctor, of the gateway or of the wallet file', async () => {
    await createKeyFile(at('keys.json'));
    const { stdout, stderr } = await run('doctor', '--config', writeShop(wallet(secret)), '--json');
    expect(stdout).toContain('7:63 (file)');
    expect(stdout + stderr).not.toContain('hunter2');
    writeFileSync(at('wallet.yaml'), wallet(secret), { mode: 0o600 });
    const ofFile = await run('doctor', '--wallet-file', at('wallet.yaml'), '--json');
    expect(ofFile.stdout).toContain('1:55 (file)');
    expect(ofFile.stdout + ofFile.stderr).not.toContain('hunter2');
  });
});

describe('a wallet file whose macaroon lies where a variable says', () => {
  it('is inspected, with no word of warning where all is private', async () => {
    const network = createSandboxNetwork();
    network.addNode('buyer', { balanceMsat: 1_000_000 });
    const lnd = await startSandboxLndServer(network, { tls: false });
    onTestFinished(async () => {
      await lnd.close();
      network.close();
    });
    mkdirSync(at('sec'));
    writeFileSync(at('sec/pay.macaroon'), Buffer.from(lnd.macaroonHex('buyer', 'pay'), 'hex'), { mode: 0o600 });
    writeFileSync(at('w.yaml'), `kind: lnd\nurl: ${lnd.url}\nmacaroonFile: \${SECDIR}/pay.macaroon\n`, { mode: 0o600 });
    const args = ['wallet', 'inspect', '--wallet-file', at('w.yaml'), '--json'];
    const { code, events, stderr } = readTold(await runSatway(args, { SATWAY_HOME: folder, SECDIR: at('sec') }));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(events).toHaveLength(1);
  });
});

describe('a wallet file that others may change', () => {
  it('is warned of, as JSON with --json', async () => {
    writeFileSync(at('w.yaml'), 'kind: phoenixd\nurl: http://127.0.0.1:1\npassword: ${PASSWORD}\n');
    chmodSync(at('w.yaml'), 0o666);
    const args = ['wallet', 'balance', '--wallet-file', at('w.yaml'), '--json'];
    const { stderr } = await runSatway(args, { SATWAY_HOME: folder, PASSWORD: 'hunter2' });
    expect(jsonLines(stderr)[0]).toEqual({ warning: expect.stringContaining('may be changed by others') });
  });
});
