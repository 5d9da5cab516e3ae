import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile, createLogger, loadGatewayConfig, startGateway } from '@satway/gateway';
import type { SandboxLndServer } from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';
import { listen } from './server.js';

/** Our gateway in front of an origin that says which path it served. */
export interface Shop {
  readonly url: string;
  /** How many requests reached the origin. */
  served(): number;
}

const ENDPOINTS = `
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 5}
  - {id: order, method: POST, path: /v1/order, priceSats: 7}
  - {id: tile, method: GET, path: /v1/tile/:z, priceMsat: 250, uses: 3}
`;

/** Starts our gateway as its command does, from a file: it sells through LND's REST and counts payments in memory. */
export async function openShop(lnd: SandboxLndServer): Promise<Shop> {
  let served = 0;
  const origin = await listen((request, response) => {
    served += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url }));
  });
  const folder = await mkdtemp(join(tmpdir(), 'satway-interop-'));
  await createKeyFile(join(folder, 'keys.json'));
  await writeFile(join(folder, 'satway.yaml'), configText(origin, lnd.url));
  await writeFile(join(folder, 'invoice.macaroon'), Buffer.from(lnd.macaroonHex('seller', 'invoice'), 'hex'), {
    mode: 0o600,
  });
  const config = await loadGatewayConfig(join(folder, 'satway.yaml'));
  const gateway = await startGateway(config, { logger: createLogger('silent') });
  onTestFinished(async () => {
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { url: gateway.url, served: () => served };
}

function configText(origin: string, lndUrl: string): string {
  return `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: ${origin}
listen: {port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: ${lndUrl}, macaroonFile: ./invoice.macaroon}
endpoints:${ENDPOINTS}`;
}
