import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxNetwork, type SandboxLndServer, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway } from '../run-satway.js';

let shop: Serving;
let paidUrl = '';
let wallet: { url: string; macaroonHex: string };
let overPowered: SandboxLndServer;
const network = createSandboxNetwork();

beforeAll(async () => {
  shop = await serveSatway(['demo', '--serve', '--json']);
  paidUrl = String(shop.first['paidUrl']);
  wallet = shop.first['lnd'] as typeof wallet;
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  overPowered = await startSandboxLndServer(network, { port: 0, tls: false });
});
afterAll(async () => {
  await shop.stop('SIGTERM');
  await overPowered.close();
  network.close();
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const fromEnvironment = (): Record<string, string> => ({
  SATWAY_HOME: home,
  LND_REST_HOST: wallet.url,
  LND_MACAROON: wallet.macaroonHex,
});

describe('satway pay and its wallet', { timeout: 120_000 }, () => {
  it('takes it from a file with --wallet-file, whatever the environment names', async () => {
    const file = join(home, 'buyer.yaml');
    writeFileSync(file, `kind: lnd\nurl: ${wallet.url}\nmacaroon: ${wallet.macaroonHex}\n`, { mode: 0o600 });
    const { code, stdout, stderr } = await runSatway(['pay', paidUrl, '--wallet-file', file, '--json'], {
      SATWAY_HOME: home,
      LND_REST_HOST: 'http://127.0.0.1:1',
      LND_MACAROON: '0201036c6e64',
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout)).toMatchObject([{ event: 'done', status: 200, paidMsat: 5000 }]);
  });

  it('says so where the file may be read by others, and pays all the same', async () => {
    const file = join(home, 'buyer.yaml');
    writeFileSync(file, `kind: lnd\nurl: ${wallet.url}\nmacaroon: ${wallet.macaroonHex}\n`, { mode: 0o644 });
    const { code, stderr } = await runSatway(['pay', paidUrl, '--wallet-file', file], { SATWAY_HOME: home });
    expect(code).toBe(0);
    expect(stderr).toContain('may be read by others');
  });

  it('warns once of a macaroon that can do more than pay, before it asks anybody, and keeps stdout clean', async () => {
    const environment = {
      SATWAY_HOME: home,
      LND_REST_HOST: overPowered.url,
      LND_MACAROON: overPowered.macaroonHex('buyer', 'admin'),
    };
    const { stdout, stderr } = await runSatway(['pay', paidUrl, '--json'], environment);
    const warnings = jsonLines(stderr).filter((line) => 'warning' in line);
    expect(warnings).toHaveLength(1);
    expect(String(warnings[0]?.['warning'])).toMatch(/can do more than pay \(address:read, .* more\).*satway doctor/);
    expect(stderr).not.toContain(environment.LND_MACAROON.slice(0, 60));
    expect(stdout).toBe('');
    const people = await runSatway(['pay', paidUrl], { ...environment, NO_COLOR: '1' });
    expect(people.stderr).toMatch(/^Warning: this macaroon can do more than pay/);
  });

  it('pays no more than MAX_AUTO_PAY_SATS and BUDGET_SATS say; the options come before them', async () => {
    const limited = async (args: readonly string[], limits: Record<string, string>) => {
      const { code, stderr } = await runSatway(['pay', paidUrl, '--json', ...args], {
        ...fromEnvironment(),
        ...limits,
      });
      return [code, code === 0 ? null : jsonLines(stderr)[0]?.['code']];
    };
    expect(await limited([], { MAX_AUTO_PAY_SATS: '4' })).toEqual([3, 'PRICE_ABOVE_LIMIT']);
    expect(await limited([], { BUDGET_SATS: '4' })).toEqual([3, 'BUDGET_EXHAUSTED']);
    expect(await limited([], { BUDGET_SATS: 'plenty' })).toEqual([2, 'CLI_USAGE']);
    expect(await limited(['--max-sats', '10'], { MAX_AUTO_PAY_SATS: '4', BUDGET_SATS: '' })).toEqual([0, null]);
  });

  it('leaves no process hanging when it is asked for the wallet of a kind that keeps a connection', async () => {
    const uri = `nostr+walletconnect://${'ab'.repeat(32)}?relay=${encodeURIComponent('ws://127.0.0.1:1')}&secret=${'cd'.repeat(32)}`;
    const { code, stdout } = await runSatway(['pay', paidUrl, '--json'], {
      SATWAY_HOME: home,
      LND_REST_HOST: '',
      LND_MACAROON: '',
      NWC_URI: uri,
    });
    expect(code).not.toBe(0);
    expect(stdout).not.toContain('cd'.repeat(32));
  });
});
