import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { EVERY_METHOD, startRelay, startWalletService } from '../../../../test/support/nwc/index.js';
import { ADMIN_KEY, startLnbitsServer } from '../../../wallets/test/lnbits/lnbits-server.js';
import { startTwo } from '../../../wallets/test/phoenixd/two-daemons.js';
import { macaroonFor } from '../macaroon-for.js';
import { startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';
import { startAgent } from './agent.js';

let sandbox: WalletSandbox;
let home = '';
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  sandbox = await startWalletSandbox();
});
afterAll(async () => {
  await sandbox.close();
  rmSync(home, { recursive: true, force: true });
});

const HOME = () => ({ SATWAY_HOME: home, SATWAY_KEYCHAIN: 'off', BUDGET_SATS: '1000' });

/** What a server has warned of by the time that so many warnings are there and its client was answered. */
async function warningsWith(wallet: Readonly<Record<string, string>>, count = 1): Promise<string[]> {
  const agent = await startAgent('v2 of 2026', { ...HOME(), ...wallet });
  onTestFinished(() => agent.close());
  await agent.client.listTools();
  await expect.poll(() => warningsIn(agent.stderr()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(count);
  return warningsIn(agent.stderr());
}

const warningsIn = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith('Warning: '));

/** An LND that only says who it is. */
async function startSilentLnd(): Promise<string> {
  const info = { identity_pubkey: `02${'ab'.repeat(32)}`, chains: [{ chain: 'bitcoin', network: 'regtest' }] };
  const node = createServer((_, response) => void response.end(JSON.stringify(info)));
  await once(node.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    node.closeAllConnections();
    node.close();
  });
  return `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
}

describe('satway mcp warns on stderr', { timeout: 120_000 }, () => {
  it('of nothing where the macaroon pays, looks payments up and does no more', async () => {
    expect(await warningsWith(sandbox.environment('buyer', 'pay'), 0)).toEqual([]);
  });

  it('once of a macaroon that can do more than pay', async () => {
    expect(await warningsWith(sandbox.environment('buyer', 'admin'))).toEqual([
      expect.stringMatching(/this macaroon can do more than pay \(.* more\)/),
    ]);
  });

  it('once of a macaroon that cannot look payments up', async () => {
    const methods = ['/lnrpc.Lightning/GetInfo', '/routerrpc.Router/SendPaymentV2'];
    expect(
      await warningsWith({ LND_REST_HOST: await startSilentLnd(), LND_MACAROON: macaroonFor(...methods) }),
    ).toEqual([expect.stringMatching(/cannot look payments up.*TrackPaymentV2/)]);
  });

  it('once of the password with which a phoenixd pays', async () => {
    const two = await startTwo();
    onTestFinished(() => two.close());
    const { buyer } = two;
    expect(await warningsWith({ PHOENIXD_URL: buyer.url, PHOENIXD_PASSWORD: buyer.fullPassword })).toEqual([
      expect.stringContaining('no password that only pays'),
    ]);
  });

  it('once of the admin key with which an LNbits pays', async () => {
    const server = await startLnbitsServer();
    onTestFinished(() => server.close());
    expect(await warningsWith({ LNBITS_URL: server.url, LNBITS_ADMIN_KEY: ADMIN_KEY })).toEqual([
      expect.stringContaining('no smaller key that pays'),
    ]);
  });

  it('once of a connection without a budget, as soon as the wallet behind it has told', async () => {
    const { LND_REST_HOST = '', LND_MACAROON = '' } = sandbox.environment('buyer', 'admin');
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const node = { url: LND_REST_HOST, macaroonHex: LND_MACAROON };
    const service = await startWalletService({ relayUrl: relay.url, node, methods: EVERY_METHOD });
    onTestFinished(() => service.stop());
    expect(await warningsWith({ NWC_URI: service.uri })).toEqual([
      expect.stringMatching(/this connection can do more than it should to pay \(.*pay_invoice without a budget/),
    ]);
  });
});
