import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, call } from './support/http-call.js';
import { type Origin, startOrigin } from './support/origin.js';
import { openShop, payFor, type Shop, type ShopOptions } from './support/shop.js';
import { type SmallLnbits, startSmallLnbits } from './support/small-lnbits.js';
import { type SmallPhoenixd, startSmallPhoenixd } from './support/small-phoenixd.js';

let origin: Origin;
let log: string[];
beforeEach(async () => {
  log = [];
  origin = await startOrigin((_request, response) => response.end('ok'));
});
afterEach(() => origin.close());

const ENDPOINTS = '\n  - {id: a, method: GET, path: /a, priceSats: 5, uses: 2}';

async function open(options: Partial<ShopOptions>): Promise<Shop> {
  const shop = await openShop({ originUrl: origin.url, log, endpoints: ENDPOINTS, ...options });
  onTestFinished(() => shop.close());
  return shop;
}

const ask = (shop: Shop): Promise<Answer> => call(`${shop.url}/a`);
const told = (words: string): string => log.find((line) => line.includes(words)) ?? '';

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await once(AbortSignal.timeout(20), 'abort');
}

async function expectNotSold(shop: Shop): Promise<void> {
  const { status, body, headers } = await ask(shop);
  expect([status, JSON.parse(body)]).toMatchObject([503, { code: 'invoice_unavailable' }]);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
}

describe('an LNbits that does not say what the key may do', () => {
  let lnbits: SmallLnbits;
  beforeEach(async () => {
    lnbits = await startSmallLnbits();
    onTestFinished(() => lnbits.close());
    lnbits.tells = false;
  });
  const start = (key: string, extra = ''): Promise<Shop> =>
    open({ wallet: `wallet: {kind: lnbits, url: "${lnbits.url}", keyEnv: K${extra}}`, environment: { K: key } });
  const wasAsked = (): boolean => lnbits.calls.includes('POST /api/v1/payments');

  it('is asked for no invoice, however often a caller comes', async () => {
    const shop = await start(lnbits.adminKey);
    for (let asked = 0; asked < 3; asked += 1) await expectNotSold(shop);
    expect(wasAsked()).toBe(false);
    expect(told('nothing is sold with it')).not.toBe('');
  });

  it('is asked again and again what the key may do, and is never sold with where that is to pay', async () => {
    const shop = await start(lnbits.adminKey);
    await until(() => lnbits.calls.filter((line) => line === 'GET /api/v1/wallet').length >= 3);
    lnbits.tells = true;
    await until(() => told('the wallet credential can spend') !== '');
    await expectNotSold(shop);
    expect(wasAsked()).toBe(false);
    expect(log.join('')).not.toContain(lnbits.adminKey);
  });

  it('is sold with as soon as it says that the key only receives', async () => {
    const shop = await start(lnbits.invoiceKey);
    await expectNotSold(shop);
    expect(wasAsked()).toBe(false);
    lnbits.tells = true;
    await until(() => told('the wallet has told what its credential may do') !== '');
    await ask(shop);
    expect(wasAsked()).toBe(true);
  });

  it('is sold with at once where both powers are allowed by name', async () => {
    await ask(await start(lnbits.adminKey, ', allowPowers: [pay, administer]'));
    expect(wasAsked()).toBe(true);
  });
});

describe('a phoenixd that answers the question in other words', () => {
  let phoenixd: SmallPhoenixd;
  beforeEach(async () => {
    phoenixd = await startSmallPhoenixd();
    onTestFinished(() => phoenixd.stop());
    phoenixd.missingInvoice = { status: 400, text: 'an invoice is what is missing here' };
  });
  const walletOf = (extra = ''): string => `{kind: phoenixd, url: "${phoenixd.url}", passwordEnv: P${extra}}`;
  const start = (extra = '', options: Partial<ShopOptions> = {}): Promise<Shop> =>
    open({ wallet: `wallet: ${walletOf(extra)}`, environment: { P: phoenixd.fullPassword }, ...options });
  const wasAsked = (): boolean => phoenixd.calls.includes('POST /createinvoice');

  it.each([
    ['', 'pay and administer', '[pay, administer]'],
    [', allowPowers: [pay]', 'administer', '[administer]'],
    [', allowPowers: [administer]', 'pay', '[pay]'],
  ])('is not sold with%s, and the log names the power and the way out', async (extra, powers, allow) => {
    const shop = await start(extra);
    await expectNotSold(shop);
    expect(wasAsked()).toBe(false);
    const line = told('"code":"WALLET_TOO_POWERFUL"');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', wallet: 'phoenixd' });
    for (const words of [`can ${powers}`, 'http-password-limited-access', `allowPowers: ${allow}`]) {
      expect(line).toContain(words);
    }
    expect(line).not.toContain(phoenixd.fullPassword);
  });

  it('is sold with where the powers in doubt are allowed by name', async () => {
    await ask(await start(', allowPowers: [pay, administer]'));
    expect(wasAsked()).toBe(true);
  });

  it('is asked again, and what it says then counts', async () => {
    const shop = await start();
    await expectNotSold(shop);
    phoenixd.missingInvoice = { status: 400, text: 'Request parameter invoice is missing' };
    await until(() => told('the wallet credential can spend') !== '');
    await expectNotSold(shop);
    expect(wasAsked()).toBe(false);
  });

  it('honours what was paid for before', async () => {
    const claimStore = createMemoryClaimStore();
    const shop = await open({ claimStore });
    const authorization = await shop.buy('/a');
    expect((await call(`${shop.url}/a`, { headers: { authorization } })).status).toBe(200);
    shop.use({
      wallet: `wallet: ${walletOf()}\nconfirmSettlement: false`,
      environment: { P: phoenixd.fullPassword },
    });
    await shop.restart();
    await expectNotSold(shop);
    expect((await call(`${shop.url}/a`, { headers: { authorization } })).status).toBe(200);
  });

  it('is passed over in a list, and the next one sells', async () => {
    const network = createSandboxNetwork();
    network.addNode('seller');
    const lnd = await startSandboxLndServer(network);
    onTestFinished(async () => {
      await lnd.close();
      network.close();
    });
    const shop = await open({
      wallet: `wallets: [${walletOf()}, {kind: lnd, url: "${lnd.url}", macaroonEnv: M}]`,
      environment: { P: phoenixd.fullPassword, M: lnd.macaroonHex('seller', 'invoice') },
    });
    expect((await ask(shop)).status).toBe(402);
    expect(wasAsked()).toBe(false);
  });
});

describe('an LND whose macaroon tells by itself that it only receives', () => {
  it('sells as soon as it is back, though it was down at the start and may not say who it is', async () => {
    const network = createSandboxNetwork();
    network.addNode('seller');
    const buyer = network.addNode('buyer', { balanceMsat: 1_000_000 });
    const before = await startSandboxLndServer(network);
    const { port, url } = before;
    const macaroonHex = before.macaroonHex('seller', 'invoice');
    await before.close();
    const shop = await open({
      wallet: `wallet: {kind: lnd, url: "${url}", macaroonEnv: M}`,
      environment: { M: macaroonHex },
    });
    const lnd = await startSandboxLndServer(network, { port });
    onTestFinished(async () => {
      await lnd.close();
      network.close();
    });
    const authorization = await payFor(await ask(shop), buyer);
    expect((await call(`${shop.url}/a`, { headers: { authorization } })).status).toBe(200);
    expect(told('what is known of it allows to sell')).toContain('"level":"warn"');
  });

  it('sells though the node answers what it is asked about the macaroon in words of its own', async () => {
    const asked: string[] = [];
    const lnd = createServer((request, response) => {
      asked.push(String(request.url));
      request.resume();
      const words = request.url === '/v1/getinfo' ? 'permission denied' : 'not that';
      response.writeHead(500, { 'content-type': 'application/json' }).end(`{"code": 2, "message": "${words}"}`);
    });
    await new Promise<void>((resolve) => lnd.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      lnd.closeAllConnections();
      await new Promise<void>((resolve) => lnd.close(() => resolve()));
    });
    const network = createSandboxNetwork();
    network.addNode('seller');
    const minter = await startSandboxLndServer(network);
    onTestFinished(async () => {
      await minter.close();
      network.close();
    });
    const url = `http://127.0.0.1:${(lnd.address() as AddressInfo).port}`;
    const shop = await open({
      wallet: `wallet: {kind: lnd, url: "${url}", macaroonEnv: M}`,
      environment: { M: minter.macaroonHex('seller', 'invoice') },
    });
    expect(told('cannot be asked what its credential may do')).toBe('');
    const earlier = asked.length;
    await ask(shop);
    expect(asked.slice(earlier)).toContain('/v1/invoices');
    expect(told('nobody can tell')).toBe('');
  });
});
