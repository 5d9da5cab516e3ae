import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { L402Client, openPurchaseStore, type PurchaseStore } from '@satway/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway } from '../../packages/cli/test/run-satway.js';
import { type RegtestNetwork, startRegtestNetwork } from './network/index.js';
import { bakeInvoiceMacaroon, bakePayMacaroon, payerOf } from './roles.js';

/** What the shop sells: one call for 7 sats, three for 1.5 sats. */
const ENDPOINTS = `endpoints:
  - {id: weather, method: GET, path: /v1/weather/:city, priceSats: 7}
  - {id: tile, method: GET, path: /v1/tile/:z, priceMsat: 1500, uses: 3}
  - {id: broken, method: GET, path: /v1/broken, priceSats: 2}
  - {id: ping, method: GET, path: /ping, free: true}
`;

let network: RegtestNetwork;
let gateway: Serving;
let gatewayUrl = '';
let folder = '';
let payMacaroonHex = '';
let originRequests = 0;
let originFails = true;

const origin: Server = createServer((request, response) => {
  originRequests += 1;
  if (request.url === '/v1/broken' && originFails) return void response.writeHead(500).end('broken');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ path: request.url, authorization: request.headers.authorization ?? null }));
});

beforeAll(async () => {
  network = await startRegtestNetwork();
  folder = mkdtempSync(join(tmpdir(), 'satway-real-'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  payMacaroonHex = await bakePayMacaroon(network.nodes.buyer);
  gateway = await openShop(`http://127.0.0.1:${(origin.address() as AddressInfo).port}`);
  gatewayUrl = String(gateway.first['url']);
});

afterAll(async () => {
  await gateway?.stop('SIGTERM');
  origin.close();
  origin.closeAllConnections();
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As a seller does it: `gateway init`, a wallet that can only make and look up invoices, prices, `gateway`. */
async function openShop(originUrl: string): Promise<Serving> {
  const { seller } = network.nodes;
  const shop = join(folder, 'shop');
  await runSatway(['gateway', 'init', shop]);
  const config = join(shop, 'satway.yaml');
  writeFileSync(join(shop, 'invoice.macaroon'), Buffer.from(await bakeInvoiceMacaroon(seller), 'hex'), { mode: 0o600 });
  const text = readFileSync(config, 'utf8')
    .replace(/^origin: .*$/m, `origin: ${originUrl}`)
    .replace(/^listen: .*$/m, 'listen: {host: 127.0.0.1, port: 0}')
    .replace(
      /^wallet: .*$/m,
      `wallet: {kind: lnd, url: ${seller.restUrl}, macaroonFile: ./invoice.macaroon, tlsCertFile: ${seller.tlsCertPath}}`,
    )
    .replace(/^endpoints:[\s\S]*$/m, ENDPOINTS);
  writeFileSync(config, text);
  return serveSatway(['gateway', '--config', config, '--json']);
}

/** Runs a purchase, and says what it moved on both nodes, to the millisatoshi. */
async function moved<T>(purchase: () => Promise<T>): Promise<{ result: T; sellerMsat: number; buyerMsat: number }> {
  const before = await network.settledBalancesMsat();
  const result = await purchase();
  const after = await network.settledBalancesMsat();
  return { result, sellerMsat: after.sellerMsat - before.sellerMsat, buyerMsat: after.buyerMsat - before.buyerMsat };
}

async function withClient<T>(use: (client: L402Client, store: PurchaseStore) => Promise<T>): Promise<T> {
  const wallet = await payerOf(network.nodes.buyer);
  const store = openPurchaseStore({ path: join(folder, 'agent', 'purchases.db') });
  const client = new L402Client({ wallet, store, budgetSats: 100, maxPerRequestSats: 10 });
  try {
    return await use(client, store);
  } finally {
    await client.close();
    store.close();
  }
}

const payEnvironment = (): Record<string, string> => ({
  SATWAY_HOME: join(folder, 'home'),
  LND_REST_HOST: network.nodes.buyer.restUrl,
  LND_MACAROON: payMacaroonHex,
  LND_TLS_CERT: network.nodes.buyer.tlsCertPath,
});

describe('a purchase over a real channel', () => {
  it('by the client moves the price from the buyer to the seller, and the credential never reaches the origin', async () => {
    const { result, sellerMsat, buyerMsat } = await moved(() =>
      withClient(async (client) => {
        const response = await client.fetch(`${gatewayUrl}/v1/weather/lugano`);
        return {
          status: response.status,
          outcome: response.headers.get('x-payment-outcome'),
          body: await response.json(),
        };
      }),
    );
    expect(result).toEqual({
      status: 200,
      outcome: 'charged',
      body: { path: '/v1/weather/lugano', authorization: null },
    });
    expect({ sellerMsat, buyerMsat }).toEqual({ sellerMsat: 7000, buyerMsat: -7000 });
  });

  it('of several calls for one payment moves it once, over a restart of the client too', async () => {
    const { result, sellerMsat, buyerMsat } = await moved(async () => {
      const statuses: number[] = [];
      for (const zoom of [1, 2, 3]) {
        statuses.push(await withClient(async (client) => (await client.fetch(`${gatewayUrl}/v1/tile/${zoom}`)).status));
      }
      return statuses;
    });
    expect(result).toEqual([200, 200, 200]);
    expect({ sellerMsat, buyerMsat }).toEqual({ sellerMsat: 1500, buyerMsat: -1500 });
  });

  it('whose origin fails costs nothing more: the same payment opens the next call', async () => {
    const { sellerMsat, buyerMsat } = await moved(() =>
      withClient(async (client) => {
        const first = await client.tryFetch(`${gatewayUrl}/v1/broken`);
        expect(first.ok ? first.response.status : first.code).not.toBe(200);
        originFails = false;
        const second = await client.fetch(`${gatewayUrl}/v1/broken`);
        expect(second.status).toBe(200);
      }),
    );
    expect({ sellerMsat, buyerMsat }).toEqual({ sellerMsat: 2000, buyerMsat: -2000 });
  });

  it('by "satway pay" does the same', async () => {
    const { result, sellerMsat, buyerMsat } = await moved(() =>
      runSatway(['pay', `${gatewayUrl}/v1/weather/prague`, '--max-sats', '8', '--json'], payEnvironment()),
    );
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(result.stdout)[0]).toMatchObject({ event: 'done', status: 200, paidMsat: 7000, feeMsat: 0 });
    expect({ sellerMsat, buyerMsat }).toEqual({ sellerMsat: 7000, buyerMsat: -7000 });
  });

  it('above the limit moves nothing, and neither does what is free', async () => {
    const served = originRequests;
    const { sellerMsat, buyerMsat } = await moved(async () => {
      const tooDear = await runSatway(
        ['pay', `${gatewayUrl}/v1/weather/rome`, '--max-sats', '6', '--json'],
        payEnvironment(),
      );
      expect(tooDear.code).toBe(3);
      const free = await runSatway(['pay', `${gatewayUrl}/ping`, '--json'], payEnvironment());
      expect(free.code).toBe(0);
    });
    expect(originRequests - served).toBe(1);
    expect({ sellerMsat, buyerMsat }).toEqual({ sellerMsat: 0, buyerMsat: 0 });
  });
});
