import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSatway, serveSatway } from '../run-satway.js';
import { startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

/** A real gateway that sells what an origin of ours answers, for money of the sandbox network. */
export interface Shop {
  readonly url: string;
  readonly sandbox: WalletSandbox;
  /** An environment of its own for each server: a home of its own, the shared wallet. */
  environment(more?: Readonly<Record<string, string>>): Record<string, string>;
  spentMsat(): Promise<number>;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** @param settings - further lines of the gateway's configuration. */
export async function openShop(answer: Answer, settings = ''): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'satway-mcp-'));
  const origin = createServer(answer);
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  const sandbox = await startWalletSandbox();
  await runSatway(['gateway', 'init', folder]);
  const { LND_REST_HOST = '', LND_MACAROON = '' } = sandbox.environment('seller', 'invoice');
  const config = join(folder, 'satway.yaml');
  writeFileSync(config, configFor((origin.address() as AddressInfo).port, LND_REST_HOST) + settings);
  const gateway = await serveSatway(['gateway', '--config', config, '--json'], { SELLER_MACAROON: LND_MACAROON });
  let homes = 0;
  return {
    url: String(gateway.first['url']),
    sandbox,
    environment: (more = {}) => ({
      ...sandbox.environment('buyer', 'pay'),
      SATWAY_HOME: join(folder, `home-${++homes}`),
      SATWAY_ALLOW_HOSTS: '127.0.0.1',
      SATWAY_KEYCHAIN: 'off',
      ...more,
    }),
    spentMsat: () => sandbox.spentMsat(),
    async close() {
      await gateway.stop('SIGTERM');
      await sandbox.close();
      origin.closeAllConnections();
      origin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configFor(originPort: number, lndUrl: string): string {
  return `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:${originPort}
listen: {host: 127.0.0.1, port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: "${lndUrl}", macaroonEnv: SELLER_MACAROON}
endpoints:
  - {id: thing, method: GET, path: /thing/:name, priceSats: 5}
  - {id: order, method: POST, path: /order/:name, priceSats: 7}
  - {id: pass, method: GET, path: /pass/:name, priceSats: 6, uses: 3}
  - {id: villa, method: GET, path: /villa, priceSats: 2000}
rates: {requestsPerAddress: off, requestsPerAddressAndEndpoint: off, invoicesPerAddress: off, invoicesPerWallet: off}
log: {level: error}
`;
}
