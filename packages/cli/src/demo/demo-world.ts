import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, initGatewayFiles, loadGatewayConfig, type RunningGateway, startGateway } from '@satway/gateway';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { type SunApi, startSunApi } from './sun-api.js';

/** How the demo's world is set up. */
export interface DemoWorldOptions {
  /** Of the gateway; 0 for any. */
  readonly port: number;
  /** Of the buyer's and the seller's LND; 0 for any. */
  readonly lndPort: number;
  /** Serve LND over https with a certificate of its own, as a real one does. */
  readonly tls: boolean;
}

/** All parties of a purchase, on this machine: an API, a gateway in front of it, and a Lightning network with a node for each side. */
export interface DemoWorld {
  readonly gateway: RunningGateway;
  readonly api: SunApi;
  readonly network: SandboxNetwork;
  readonly lnd: { readonly url: string; readonly macaroonHex: string; readonly tlsCertPath: string | null };
  readonly folder: string;
  readonly priceMsat: number;
  close(): Promise<void>;
}

const DEMO_PRICE_SATS = 5;
const BUYER_BALANCE_MSAT = 100_000_000;

/** Starts everything, in the order in which a seller and a buyer would. What was started is stopped when something fails. */
export async function startDemoWorld(options: DemoWorldOptions): Promise<DemoWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'satway-demo-'));
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  };
  try {
    return { ...(await assemble(folder, options, stops)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  folder: string,
  options: DemoWorldOptions,
  stops: (() => unknown)[],
): Promise<Omit<DemoWorld, 'close'>> {
  const network = createSandboxNetwork();
  stops.push(() => network.close());
  network.addNode('buyer', { balanceMsat: BUYER_BALANCE_MSAT });
  network.addNode('seller');
  const lnd = await startSandboxLndServer(network, { port: options.lndPort, tls: options.tls });
  stops.push(() => lnd.close());
  const tlsCertPath = keepCertificate(folder, lnd);
  const api = await startSunApi(Date.now);
  stops.push(() => api.close());
  const gateway = await openShop(join(folder, 'shop'), { api, lnd, tlsCertPath, port: options.port });
  stops.push(() => gateway.close());
  return {
    gateway,
    api,
    network,
    folder,
    priceMsat: DEMO_PRICE_SATS * 1000,
    lnd: { url: lnd.url, macaroonHex: lnd.macaroonHex('buyer', 'pay'), tlsCertPath },
  };
}

function keepCertificate(folder: string, lnd: SandboxLndServer): string | null {
  if (lnd.certificate === null) return null;
  const path = join(folder, 'tls.cert');
  writeFileSync(path, lnd.certificate.certificatePem);
  return path;
}

interface Shop {
  readonly api: SunApi;
  readonly lnd: SandboxLndServer;
  readonly tlsCertPath: string | null;
  readonly port: number;
}

/** Opens the gateway as a seller would: from a file, with a macaroon that can only make and look up invoices. */
async function openShop(folder: string, shop: Shop): Promise<RunningGateway> {
  mkdirSync(folder, { recursive: true });
  const { configPath, tenantId } = await initGatewayFiles(folder);
  writeFileSync(join(folder, 'invoice.macaroon'), Buffer.from(shop.lnd.macaroonHex('seller', 'invoice'), 'hex'), {
    mode: 0o600,
  });
  writeFileSync(configPath, shopConfig(tenantId, shop));
  return startGateway(await loadGatewayConfig(configPath), { logger: createLogger('error') });
}

function shopConfig(tenantId: string, { api, lnd, tlsCertPath, port }: Shop): string {
  const pin = tlsCertPath === null ? '' : `, tlsCertFile: ${JSON.stringify(tlsCertPath)}`;
  return `version: 1
tenant: {id: ${tenantId}, slug: sun}
origin: ${api.url}
listen: {host: 127.0.0.1, port: ${port}}
keys: ./keys.json
store: {kind: pglite, folder: ./store}
wallet: {kind: lnd, url: ${JSON.stringify(lnd.url)}, macaroonFile: ./invoice.macaroon${pin}}
endpoints:
  - {id: sun, method: GET, path: /v1/sun/:city, priceSats: ${DEMO_PRICE_SATS}}
  - {id: cities, method: GET, path: /v1/cities, free: true}
`;
}
