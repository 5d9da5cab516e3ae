import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createKeyFile } from '@satway/gateway';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway, startSatway } from '../run-satway.js';

let folder = '';
let network: SandboxNetwork;
let lnd: SandboxLndServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-scrubbed-'));
  network = createSandboxNetwork();
  for (const name of ['seller', 'buyer']) network.addNode(name, { balanceMsat: 1_000_000 });
  lnd = await startSandboxLndServer(network);
  writeFileSync(at('tell.mjs'), TELLS_AT_EXIT);
});
afterEach(async () => {
  await lnd.close();
  network.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

/** Loaded into the command: when it ends, a process that it starts writes down what it has inherited. */
const TELLS_AT_EXIT = `
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
process.once('exit', () => {
  const told = execFileSync(process.execPath, ['-p', 'JSON.stringify(process.env)'], { env: { ...process.env, NODE_OPTIONS: '' } });
  writeFileSync(process.env.TELL_INTO, told);
});
`;
const telling = (): Record<string, string> => ({
  NODE_OPTIONS: `--import=${at('tell.mjs')}`,
  TELL_INTO: at('inherited.json'),
  SATWAY_HOME: folder,
});
const inherited = (): Record<string, string> =>
  JSON.parse(readFileSync(at('inherited.json'), 'utf8')) as Record<string, string>;

function expectWithout(secrets: Readonly<Record<string, string>>): void {
  const found = inherited();
  expect(found).toHaveProperty('PATH');
  expect(found).toMatchObject({ SHOP_LND_URL: lnd.url });
  for (const [name, value] of Object.entries(secrets)) {
    expect(found).not.toHaveProperty(name);
    expect(JSON.stringify(found)).not.toContain(value);
  }
}

describe('what a process inherits that the command starts after it has read its secrets', { timeout: 120_000 }, () => {
  it.each([
    ['named by a key that ends in Env', 'macaroonEnv: SHOP_MACAROON'],
    ['filled into a secret place', 'macaroon: "${SHOP_MACAROON}"'],
  ])('is none of those of satway.yaml, %s; and a reload still finds them', async (_what, secret) => {
    await createKeyFile(at('keys.json'));
    const shop = (path: string): string => `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:1
listen: {port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: "\${SHOP_LND_URL}", ${secret}}
endpoints: [{id: a, method: GET, path: ${path}, priceSats: 5}]
`;
    writeFileSync(at('satway.yaml'), shop('/old'));
    const secrets = { SHOP_MACAROON: lnd.macaroonHex('seller', 'invoice'), LNBITS_ADMIN_KEY: 'f00d'.repeat(8) };
    const environment = { ...telling(), ...secrets, SHOP_LND_URL: lnd.url };
    const child = startSatway(['gateway', '--config', at('satway.yaml'), '--json'], environment);
    const closed = once(child, 'close');
    await once(createInterface({ input: child.stdout }), 'line');
    writeFileSync(at('satway.yaml'), shop('/new'));
    const log: string[] = [];
    const reloaded = new Promise<void>((resolve) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        log.push(line);
        if (/read again|cannot be used/.test(line)) resolve();
      });
    });
    child.kill('SIGHUP');
    await reloaded;
    expect(log.join('\n')).toContain('the configuration was read again');
    child.kill('SIGTERM');
    await closed;
    expectWithout(secrets);
  });

  it.each([
    ['named by a key that ends in Env', 'macaroonEnv: BUYER_MACAROON'],
    ['filled in', 'macaroon: "${BUYER_MACAROON}"'],
  ])('is none of those of wallet files, %s, two of which may name the same', async (_what, secret) => {
    writeFileSync(at('buyer.yaml'), `kind: lnd\nurl: "\${SHOP_LND_URL}"\n${secret}\n`, { mode: 0o600 });
    writeFileSync(at('seller.yaml'), `kind: lnd\nurl: "${lnd.url}"\nmacaroonEnv: SELLER_MACAROON\n`, { mode: 0o600 });
    const secrets = {
      BUYER_MACAROON: lnd.macaroonHex('buyer', 'pay'),
      SELLER_MACAROON: lnd.macaroonHex('seller', 'invoice'),
      NWC_URI: 'nostr+walletconnect://cafe?relay=ws://127.0.0.1:1&secret=feedfacefeedface',
    };
    const args = ['wallet', 'test', '--json', '--wallet-file', at('buyer.yaml'), '--max-sats', '1'];
    const environment = { ...telling(), ...secrets, SHOP_LND_URL: lnd.url };
    const { code, stderr } = await runSatway([...args, '--counterpart-file', at('seller.yaml')], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectWithout(secrets);
  });

  it.each([
    ['both wallets from files', ['--buyer-wallet-file', 'buyer.yaml']],
    ['the buyer’s from variables that the reading of the other has taken out', []],
  ])('is none of those that begin with BUYER_ or SELLER_ after a demo with %s', async (_what, more) => {
    const macaroon = (node: string, kind: 'invoice' | 'pay') => lnd.macaroonHex(node, kind);
    const file = (secret: string) => `kind: lnd\nurl: "${lnd.url}"\nmacaroon: ${secret}\n`;
    writeFileSync(at('seller.yaml'), file(macaroon('seller', 'invoice')), { mode: 0o600 });
    writeFileSync(at('buyer.yaml'), file(macaroon('buyer', 'pay')), { mode: 0o600 });
    const secrets = {
      BUYER_LND_MACAROON: macaroon('buyer', 'pay'),
      SELLER_LND_MACAROON: macaroon('seller', 'invoice'),
      SELLER_PHOENIXD_PASSWORD: 'f00d'.repeat(8),
    };
    const environment = { ...telling(), ...secrets, BUYER_LND_REST_HOST: lnd.url, SHOP_LND_URL: lnd.url };
    const files = [
      '--seller-wallet-file',
      at('seller.yaml'),
      ...more.map((each) => each.replace(/^buyer/, at('buyer'))),
    ];
    const { code, stderr } = await runSatway(['demo', '--json', ...files], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectWithout(secrets);
  });

  it('is no secret of the environment either, and a file may still name the variable that another role was read from', async () => {
    writeFileSync(at('same.yaml'), `kind: lnd\nurl: "${lnd.url}"\nmacaroonEnv: LND_MACAROON\n`, { mode: 0o600 });
    const secrets = { LND_MACAROON: lnd.macaroonHex('buyer', 'pay') };
    const environment = { ...telling(), ...secrets, LND_REST_HOST: lnd.url, SHOP_LND_URL: lnd.url };
    const { stderr } = await runSatway(
      ['wallet', 'test', '--json', '--counterpart-file', at('same.yaml')],
      environment,
    );
    // The two are one wallet, which is found out only once both are open.
    expect(stderr).toContain('Both are the same wallet');
    expectWithout(secrets);
  });
});
