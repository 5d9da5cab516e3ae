import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LndSettings } from '@satway/wallets/open-wallet';
import { createSandboxNetwork, type SandboxLndServer, startSandboxLndServer } from '@satway/wallets/sandbox';
import { onStopSignal } from '../on-stop-signal.js';
import { DEMO_PRICE_SATS, type DemoWorld, Stops } from './demo-world.js';
import { openShop } from './open-shop.js';
import { startSunApi } from './sun-api.js';

/** How the demo's world is set up. */
export interface SandboxWorldOptions {
  /** Of the gateway; 0 for any. */
  readonly port: number;
  /** Of the buyer's and the seller's LND; 0 for any. */
  readonly lndPort: number;
  /** Serve LND over https with a certificate of its own, as a real one does. */
  readonly tls: boolean;
  /** Nobody waits for signals to close this world, so its folder goes when one ends the process. */
  readonly endsBySignals: boolean;
}

/** A world on this machine alone, with a Lightning network in this process. */
export interface SandboxWorld extends DemoWorld {
  readonly lnd: { readonly url: string; readonly macaroonHex: string; readonly tlsCertPath: string | null };
}

const BUYER_BALANCE_MSAT = 100_000_000;

/** Starts everything, in the order in which a seller and a buyer would. What was started is stopped when something fails. */
export async function startSandboxWorld(options: SandboxWorldOptions): Promise<SandboxWorld> {
  const stops = new Stops();
  return stops.guard(() => assemble(options, stops));
}

async function assemble(options: SandboxWorldOptions, stops: Stops): Promise<SandboxWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'satway-demo-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  stops.add(removeFolder);
  if (options.endsBySignals) stops.add(onStopSignal(removeFolder));
  const network = createSandboxNetwork();
  stops.add(() => network.close());
  network.addNode('buyer', { balanceMsat: BUYER_BALANCE_MSAT });
  network.addNode('seller');
  const lnd = await startSandboxLndServer(network, { port: options.lndPort, tls: options.tls });
  stops.add(() => lnd.close());
  const api = await startSunApi(Date.now);
  stops.add(() => api.close());
  // With a macaroon that can only make and look up invoices.
  const wallet = settingsOf(lnd, lnd.macaroonHex('seller', 'invoice'));
  const gateway = await openShop(join(folder, 'shop'), { api, wallet, allowSpending: false, port: options.port });
  stops.add(() => gateway.close());
  const macaroonHex = lnd.macaroonHex('buyer', 'pay');
  return {
    gateway,
    api,
    buyer: settingsOf(lnd, macaroonHex),
    agent: {
      storePath: join(folder, 'agent', 'purchases.db'),
      keychain: 'off',
      budgetId: 'demo',
      idempotencyKey: randomUUID(),
    },
    priceMsat: DEMO_PRICE_SATS * 1000,
    limits: { budgetSats: 100, maxPerRequestSats: 10 },
    lightning: { where: 'a Lightning network in this process', what: `${lnd.url}   speaks LND's REST` },
    lnd: { url: lnd.url, macaroonHex, tlsCertPath: keepCertificate(folder, lnd) },
    earnedMsat: async () => network.books().nodes.find(({ name }) => name === 'seller')?.balanceMsat ?? 0,
    close: () => stops.all(),
  };
}

function settingsOf({ url, certificate }: SandboxLndServer, macaroonHex: string): LndSettings {
  return { kind: 'lnd', url, macaroonHex, ...(certificate === null ? {} : { tlsCertPem: certificate.certificatePem }) };
}

function keepCertificate(folder: string, { certificate }: SandboxLndServer): string | null {
  if (certificate === null) return null;
  const path = join(folder, 'tls.cert');
  writeFileSync(path, certificate.certificatePem);
  return path;
}
