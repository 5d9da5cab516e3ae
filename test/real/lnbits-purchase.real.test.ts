import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectLnbitsPayer, createLnbitsIssuer } from '@satway/wallets/lnbits';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway } from '../../packages/cli/test/run-satway.js';
import { type LnbitsInstance, type LnbitsWallet, startLnbits } from './lnbits/index.js';
import { type LndNode, payInvoice, type RegtestNetwork, startRegtestNetwork, waitUntil } from './network/index.js';

/** What the shop sells: one call for 7 sats, three for 2 sats. */
const ENDPOINTS = `endpoints:
  - {id: weather, method: GET, path: /v1/weather/:city, priceSats: 7}
  - {id: tile, method: GET, path: /v1/tile/:z, priceSats: 2, uses: 3}
`;
const FUNDS_MSAT = 100_000_000;

let network: RegtestNetwork;
/** One in front of each node, so that the money crosses the channel. */
let sellers: LnbitsInstance;
let buyers: LnbitsInstance;
let seller: LnbitsWallet;
let buyer: LnbitsWallet;
let gateway: Serving;
let gatewayUrl = '';
let folder = '';
let originRequests = 0;

const origin: Server = createServer((_, response) => {
  originRequests += 1;
  response.end('sunny');
});

const lnbitsOf = (node: LndNode) =>
  startLnbits({
    LNBITS_BACKEND_WALLET_CLASS: 'LndRestWallet',
    LND_REST_ENDPOINT: node.restUrl,
    LND_REST_CERT: node.tlsCertPath,
    LND_REST_MACAROON: node.macaroonHex(),
  });

beforeAll(async () => {
  network = await startRegtestNetwork();
  folder = mkdtempSync(join(tmpdir(), 'satway-real-'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  [sellers, buyers] = await Promise.all([lnbitsOf(network.nodes.seller), lnbitsOf(network.nodes.buyer)]);
  [seller, buyer] = [await sellers.newWallet(), await buyers.newWallet()];
  await fund();
  gateway = await serveSatway(['gateway', '--config', await writeConfig('shop', seller.invoiceKey), '--json']);
  gatewayUrl = String(gateway.first['url']);
});

afterAll(async () => {
  await gateway?.stop('SIGTERM');
  origin.close();
  origin.closeAllConnections();
  await sellers?.stop();
  await buyers?.stop();
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function fund(): Promise<void> {
  const issuer = createLnbitsIssuer({ url: buyers.url, key: buyer.invoiceKey });
  const funding = await issuer.create({ amountMsat: FUNDS_MSAT, description: 'funds', expirySeconds: 600 });
  await payInvoice(network.nodes.seller, funding.invoice);
  await waitUntil('the funds are there', async () => (await issuer.lookUp(funding.paymentHashHex)).state === 'settled');
}

/** As a seller does it: `gateway init`, a key of LNbits in a file, prices. */
async function writeConfig(name: string, key: string): Promise<string> {
  const shop = join(folder, name);
  await runSatway(['gateway', 'init', shop]);
  const config = join(shop, 'satway.yaml');
  writeFileSync(join(shop, 'lnbits.key'), `${key}\n`, { mode: 0o600 });
  const text = readFileSync(config, 'utf8')
    .replace(/^origin: .*$/m, `origin: http://127.0.0.1:${(origin.address() as AddressInfo).port}`)
    .replace(/^listen: .*$/m, 'listen: {host: 127.0.0.1, port: 0}')
    .replace(/^wallet: .*$/m, `wallet: {kind: lnbits, url: ${sellers.url}, keyFile: ./lnbits.key}`)
    .replace(/^endpoints:[\s\S]*$/m, ENDPOINTS);
  writeFileSync(config, text);
  return config;
}

async function books() {
  const { sellerMsat, buyerMsat } = await network.settledBalancesMsat();
  const [sold, spent] = [await sellers.balanceMsat(seller), await buyers.balanceMsat(buyer)];
  return { sellerMsat, buyerMsat, sold, spent };
}

/** Runs a purchase, and says what it moved in the wallets and on both nodes, to the millisatoshi. */
async function moved<T>(purchase: () => Promise<T>) {
  const before = await books();
  const result = await purchase();
  const after = await books();
  return {
    result,
    nodesMsat: [after.sellerMsat - before.sellerMsat, after.buyerMsat - before.buyerMsat],
    walletsMsat: [after.sold - before.sold, after.spent - before.spent],
  };
}

const payEnvironment = (): Record<string, string> => ({
  SATWAY_HOME: join(folder, 'home'),
  LNBITS_URL: buyers.url,
  LNBITS_ADMIN_KEY: buyer.adminKey,
});

describe('a purchase from one LNbits to another over a real channel', () => {
  it('by the client moves the price between the wallets, over a restart of the client and three uses', async () => {
    const { result, nodesMsat, walletsMsat } = await moved(async () => {
      const statuses: number[] = [];
      for (const zoom of [1, 2, 3]) {
        const wallet = await connectLnbitsPayer({ url: buyers.url, key: buyer.adminKey });
        const store = openPurchaseStore({ path: join(folder, 'agent', 'purchases.db') });
        const client = new L402Client({ wallet, store, budgetSats: 100, maxPerRequestSats: 10 });
        statuses.push((await client.fetch(`${gatewayUrl}/v1/tile/${zoom}`)).status);
        await client.close();
        store.close();
        await wallet.close();
      }
      return statuses;
    });
    expect(result).toEqual([200, 200, 200]);
    expect({ nodesMsat, walletsMsat }).toEqual({ nodesMsat: [2000, -2000], walletsMsat: [2000, -2000] });
  });

  it('by "satway pay" does the same, where the limit leaves room for the fee reserve', async () => {
    const { result, nodesMsat, walletsMsat } = await moved(() =>
      runSatway(['pay', `${gatewayUrl}/v1/weather/prague`, '--max-sats', '9', '--json'], payEnvironment()),
    );
    expect(result.code, result.stderr).toBe(0);
    expect(jsonLines(result.stdout)[0]).toMatchObject({ event: 'done', status: 200, paidMsat: 7000, feeMsat: 0 });
    expect({ nodesMsat, walletsMsat }).toEqual({ nodesMsat: [7000, -7000], walletsMsat: [7000, -7000] });
  });

  it('moves nothing where the limit leaves less than LNbits may take in fees, and says why', async () => {
    const served = originRequests;
    const { result, nodesMsat, walletsMsat } = await moved(() =>
      runSatway(['pay', `${gatewayUrl}/v1/weather/rome`, '--max-sats', '8', '--json'], payEnvironment()),
    );
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('LNbits may take 2000 msat in fees, 1000 are allowed');
    expect(originRequests).toBe(served);
    expect({ nodesMsat, walletsMsat }).toEqual({ nodesMsat: [0, 0], walletsMsat: [0, 0] });
  });

  it('cannot be sold with an admin key, unless the seller says so', async () => {
    const config = await writeConfig('careless', seller.adminKey);
    const { code, stderr } = await runSatway(['gateway', '--config', config, '--json']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('invoice key');
    expect(stderr).not.toContain(seller.adminKey);
  });
});
