import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxNetwork, type SandboxLndServer, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  EVERY_METHOD,
  type RelayProcess,
  startRelay,
  startWalletService,
  type WalletServiceProcess,
} from '../../../../test/support/nwc/index.js';
import { jsonLines, runSatway } from '../run-satway.js';

const network = createSandboxNetwork();
let lnd: SandboxLndServer;
let relay: RelayProcess;
let home = '';
const services: WalletServiceProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  network.addNode('seller');
  lnd = await startSandboxLndServer(network, { port: 0, tls: false });
  relay = await startRelay();
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await relay.stop();
  await lnd.close();
  network.close();
  rmSync(home, { recursive: true, force: true });
});

/** A connection to a node's wallet that may call these methods. */
async function connection(node: string, methods: readonly string[]): Promise<string> {
  const backend = { url: lnd.url, macaroonHex: lnd.macaroonHex(node, 'admin') };
  const service = await startWalletService({ relayUrl: relay.url, node: backend, methods });
  services.push(service);
  return service.uri;
}

const RECEIVING = ['get_info', 'make_invoice', 'lookup_invoice'];
const TOO_MUCH = expect.stringMatching(
  /^this connection can do more than it should to pay \(.*make_invoice.*pay_invoice without a budget.*make a connection with pay_invoice/,
) as string;
const noLnd = { LND_REST_HOST: '', LND_MACAROON: '' };

describe('a wallet behind Nostr Wallet Connect', { timeout: 120_000 }, () => {
  it('buys in the demo from a seller with an LND, is named where it can do too much, and does not keep the command from ending', async () => {
    const { code, stdout, stderr } = await runSatway(['demo', '--json', '--wallet', 'any'], {
      SATWAY_HOME: home,
      ...noLnd,
      SELLER_LND_REST_HOST: lnd.url,
      SELLER_LND_MACAROON: lnd.macaroonHex('seller', 'invoice'),
      BUYER_NWC_URI: await connection('buyer', EVERY_METHOD),
    });
    expect(code).toBe(0);
    expect(jsonLines(stderr)).toEqual([{ warning: TOO_MUCH }]);
    expect(jsonLines(stdout).at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 0 });
  });

  it('that can do more than pay within a budget is named when “satway pay” starts, before anybody is asked', async () => {
    const { stderr } = await runSatway(['pay', 'http://127.0.0.1:1/', '--json'], {
      SATWAY_HOME: home,
      ...noLnd,
      NWC_URI: await connection('buyer', EVERY_METHOD),
    });
    expect(jsonLines(stderr)[0]?.['warning']).toEqual(TOO_MUCH);
  });

  it('is examined by the doctor: a connection that may pay is refused to the selling side', async () => {
    const examine = async (role: string, uri: string) => {
      const { code, stdout } = await runSatway(['doctor', '--json', '--role', role], {
        SATWAY_HOME: home,
        ...noLnd,
        NWC_URI: uri,
      });
      expect(stdout).not.toContain(new URL(uri).searchParams.get('secret'));
      const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string }[];
      return { code, verdict: (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict };
    };
    const paying = await connection('seller', EVERY_METHOD);
    const exposed = await examine('receive', paying);
    expect([exposed.verdict('wallet-reachable'), exposed.verdict('credential-scope'), exposed.code]).toEqual([
      'ok',
      'fail',
      1,
    ]);
    const selling = await examine('receive', await connection('seller', RECEIVING));
    expect([selling.verdict('credential-scope'), selling.code]).toEqual(['ok', 0]);
    const buying = await examine('pay', paying);
    expect([buying.verdict('wallet-reachable'), buying.verdict('payment-look-up'), buying.code]).toEqual([
      'ok',
      'ok',
      0,
    ]);
  });
});
