import { once } from 'node:events';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, call } from './support/http-call.js';
import { type Origin, startOrigin } from './support/origin.js';
import { openShop, payFor, type Shop } from './support/shop.js';
import { startSmallPhoenixd } from './support/small-phoenixd.js';

let origin: Origin;
let log: string[];
beforeEach(async () => {
  log = [];
  origin = await startOrigin((_request, response) => response.end('ok'));
});
afterEach(() => origin.close());

const ENDPOINTS = '\n  - {id: a, method: GET, path: /a, priceSats: 5, uses: 2}';

async function openOn(wallets: string, environment: Record<string, string>): Promise<Shop> {
  const shop = await openShop({ originUrl: origin.url, log, endpoints: ENDPOINTS, wallet: wallets, environment });
  onTestFinished(() => shop.close());
  return shop;
}

/** A sandbox network of two sellers behind LND interfaces of their own, and a buyer. */
async function openNetwork() {
  const network = createSandboxNetwork();
  for (const name of ['one', 'two']) network.addNode(name);
  const buyer = network.addNode('buyer', { balanceMsat: 1_000_000 });
  const lnds = [await startSandboxLndServer(network), await startSandboxLndServer(network)] as const;
  onTestFinished(async () => {
    for (const lnd of lnds) await lnd.close();
    network.close();
  });
  const environment = { ONE: lnds[0].macaroonHex('one', 'invoice'), TWO: lnds[1].macaroonHex('two', 'invoice') };
  return { network, buyer, lnds, environment };
}

const receivedBy = (network: ReturnType<typeof createSandboxNetwork>, name: string): number =>
  network.books().nodes.find((node) => node.name === name)?.balanceMsat ?? 0;

describe('several wallets', () => {
  it('sell with the first that works; what was paid to another is honoured while that one is down', async () => {
    const { network, buyer, lnds, environment } = await openNetwork();
    const [one, two] = lnds;
    const shop = await openOn(
      `wallets: [{kind: lnd, url: "${one.url}", macaroonEnv: ONE}, {kind: lnd, url: "${two.url}", macaroonEnv: TWO}]\nconfirmSettlement: true`,
      environment,
    );
    const get = (headers: Record<string, string> = {}): Promise<Answer> => call(`${shop.url}/a`, { headers });
    const first = { authorization: await payFor(await get(), buyer) };
    expect((await get(first)).status).toBe(200);
    await one.close();
    const second = { authorization: await payFor(await get({ 'idempotency-key': 'x'.repeat(22) }), buyer) };
    expect((await get(second)).status).toBe(200);
    expect((await get(first)).status).toBe(200);
    expect([receivedBy(network, 'one'), receivedBy(network, 'two')]).toEqual([5_000, 5_000]);
    const told = log
      .map((line) => JSON.parse(line) as { msg: string })
      .find(({ msg }) => msg.startsWith('another wallet'));
    expect(told).toMatchObject({ from: '1-lnd', to: '2-lnd', code: 'WALLET_UNREACHABLE' });
    expect((await call(`${shop.url}/metrics`)).body).toContain('satway_wallet_up{wallet="2-lnd"} 1\n');
  });

  it('refuse a start when one of them can spend, and name it', async () => {
    const { lnds, environment } = await openNetwork();
    const [one, two] = lnds;
    const wallets = `wallets: [{kind: lnd, url: "${one.url}", macaroonEnv: ONE}, {kind: lnd, url: "${two.url}", macaroonEnv: TWO}]`;
    const starting = openOn(wallets, { ...environment, TWO: two.macaroonHex('two', 'pay') });
    await expect(starting).rejects.toMatchObject({ code: 'WALLET_TOO_POWERFUL', facts: { wallet: '2-lnd' } });
  });

  it('go on without the one that turns out to be able to spend', async () => {
    const { lnds, environment } = await openNetwork();
    const phoenixd = await startSmallPhoenixd();
    onTestFinished(() => phoenixd.stop());
    const wallets = `wallets: [{kind: phoenixd, url: "${phoenixd.url}", passwordEnv: P}, {kind: lnd, url: "${lnds[1].url}", macaroonEnv: TWO}]`;
    await phoenixd.stop();
    const shop = await openOn(`${wallets}\nwatch: {everyMs: 1000}`, { ...environment, P: phoenixd.fullPassword });
    await phoenixd.start();
    while (!log.join('').includes('the wallet credential can spend')) await once(AbortSignal.timeout(20), 'abort');
    expect((await call(`${shop.url}/a`)).status).toBe(402);
    expect(phoenixd.calls).not.toContain('POST /createinvoice');
  });
});

describe('a wallet whose clock is off', () => {
  /** A sandbox LND whose clock is so far ahead, and one whose clock is right. */
  async function openPair(aheadMs: number) {
    const after = (delayMs: number, run: () => void): (() => void) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    };
    const off = createSandboxNetwork({ clock: { now: () => Date.now() + aheadMs, after } });
    const right = createSandboxNetwork();
    for (const network of [off, right]) network.addNode('seller');
    const lnds = [await startSandboxLndServer(off), await startSandboxLndServer(right)] as const;
    onTestFinished(async () => {
      for (const lnd of lnds) await lnd.close();
      off.close();
      right.close();
    });
    const environment = {
      OFF: lnds[0].macaroonHex('seller', 'invoice'),
      RIGHT: lnds[1].macaroonHex('seller', 'invoice'),
    };
    return {
      environment,
      off: `{kind: lnd, url: "${lnds[0].url}", macaroonEnv: OFF}`,
      right: `{kind: lnd, url: "${lnds[1].url}", macaroonEnv: RIGHT}`,
    };
  }

  const warning = (text: string): Record<string, unknown> | undefined =>
    log.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ msg }) => String(msg).startsWith(text));

  it.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('%s is left for the second, and the log says why', async (_, aheadMs) => {
    const { environment, off, right } = await openPair(aheadMs);
    const shop = await openOn(`wallets: [${off}, ${right}]`, environment);
    for (let count = 0; count < 3; count += 1) {
      const headers = { 'idempotency-key': `${count}`.repeat(22) };
      expect((await call(`${shop.url}/a`, { headers })).status).toBe(402);
    }
    const told = warning('another wallet sells');
    expect(told).toMatchObject({ from: '1-lnd', to: '2-lnd', code: 'WALLET_CLOCK_OFF' });
    expect(String(told?.['detail'])).toMatch(/^The new invoice .*this machine's time/);
  });

  it.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('%s sells nothing where it stands alone, and the log says why', async (_, aheadMs) => {
    const { environment, off } = await openPair(aheadMs);
    const shop = await openOn(`wallet: ${off}`, environment);
    const answer = await call(`${shop.url}/a`);
    expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([503, 'invoice_unavailable']);
    expect(JSON.stringify(warning('a request was refused'))).toMatch(/WALLET_CLOCK_OFF.*this machine's time/);
  });
});
