import { once } from 'node:events';
import { SatwayError } from '@satway/base';
import { createSandboxNetwork, type SandboxLndServer, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { decodeIdentifier, decodeMacaroonText } from '@satway/protocol';
import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { call } from './support/http-call.js';
import { type Origin, startOrigin } from './support/origin.js';
import { openShop, type Shop, type ShopOptions } from './support/shop.js';
import { type SmallPhoenixd, startSmallPhoenixd } from './support/small-phoenixd.js';

let origin: Origin;
let log: string[];
beforeEach(async () => {
  log = [];
  origin = await startOrigin((_request, response) => response.end('ok'));
});
afterEach(() => origin.close());

async function open(options: Partial<ShopOptions>): Promise<Shop> {
  const shop = await openShop({ originUrl: origin.url, log, ...options });
  onTestFinished(() => shop.close());
  return shop;
}

const refusalOf = async (starting: Promise<unknown>): Promise<SatwayError> => {
  const error: unknown = await starting.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SatwayError);
  return error as SatwayError;
};

/** The level and the words of each line of the log. */
const lines = (): string[] =>
  log.map((line) => JSON.parse(line) as { level: string; msg: string }).map(({ level, msg }) => `${level} ${msg}`);

describe('a start with an LND', () => {
  let lnd: SandboxLndServer;
  beforeEach(async () => {
    const network = createSandboxNetwork();
    network.addNode('seller');
    lnd = await startSandboxLndServer(network);
    onTestFinished(async () => {
      await lnd.close();
      network.close();
    });
  });
  type Kind = Parameters<SandboxLndServer['macaroonHex']>[1];

  const start = (kind: Kind, allow = '', url = lnd.url): Promise<Shop> =>
    open({
      wallet: `wallet: {kind: lnd, url: "${url}", macaroonEnv: M${allow}}`,
      environment: { M: lnd.macaroonHex('seller', kind) },
    });

  it.each<[Kind, string, string]>([
    ['admin', '', 'can pay and administer'],
    ['pay', '', 'can pay'],
    ['admin', ', allowPowers: [pay]', 'can administer'],
    ['admin', ', allowPowers: [administer]', 'can pay'],
  ])('is refused with its %s macaroon%s, by name and with the way out', async (kind, allow, powers) => {
    const error = await refusalOf(start(kind, allow));
    expect(error.code).toBe('WALLET_TOO_POWERFUL');
    expect(error.detail).toContain(`lnd ${powers} (`);
    expect(error.detail).toContain('lncli bakemacaroon');
    expect(error.detail).toContain('AddInvoice');
    expect(error.detail).toContain(`allowPowers: [${powers.replace('can ', '').replace(' and', ',')}]`);
    expect(error.detail).not.toContain(lnd.macaroonHex('seller', kind));
  });

  it('is refused while the node is down too: the macaroon itself tells', async () => {
    const error = await refusalOf(start('admin', '', 'http://127.0.0.1:1'));
    expect(error.code).toBe('WALLET_TOO_POWERFUL');
  });

  it('goes ahead with a macaroon that can only receive, and has nothing to say', async () => {
    await start('invoice');
    expect(lines().filter((line) => /credential|wallet/.test(line))).toEqual([]);
  });

  it('tells what a macaroon lacks that selling needs, and how to make the right one', async () => {
    await start('read');
    const said = 'the wallet credential lacks what selling needs: buyers may be refused, those who have paid too';
    expect(lines()).toContain(`warn ${said}`);
    const line: unknown = JSON.parse(log.find((each) => each.includes(said)) ?? '');
    expect(line).toMatchObject({
      wallet: 'lnd',
      missing: expect.arrayContaining(['uri:/lnrpc.Lightning/LookupInvoice']),
      fix: expect.stringContaining('lncli bakemacaroon'),
    });
  });

  it('goes ahead with powers that are allowed by name, and names them all in the log', async () => {
    await start('admin', ', allowPowers: [pay, administer]');
    expect(lines()).toContain('warn the wallet credential can do more than receive');
    expect(log.join('')).toContain('offchain:write');
  });
});

describe('a wallet whose credential only it can judge', () => {
  let phoenixd: SmallPhoenixd;
  beforeEach(async () => {
    phoenixd = await startSmallPhoenixd();
    onTestFinished(() => phoenixd.stop());
  });

  const wallet = (extra = ''): string =>
    `wallet: {kind: phoenixd, url: "${phoenixd.url}", passwordEnv: P${extra}}\nwatch: {everyMs: 1000}`;
  const start = (password: string, options: Partial<ShopOptions> = {}): Promise<Shop> =>
    open({ wallet: wallet(), environment: { P: password }, endpoints: ENDPOINTS, ...options });
  const ENDPOINTS = '\n  - {id: a, method: GET, path: /a, priceSats: 5, uses: 3}';

  it('stops a start with the password that can pay, and none with the other', async () => {
    expect((await refusalOf(start(phoenixd.fullPassword))).code).toBe('WALLET_TOO_POWERFUL');
    await start(phoenixd.limitedPassword);
    await start(phoenixd.fullPassword, { wallet: wallet(', allowPowers: [pay, administer]') });
  });

  it('is judged as soon as it answers: what can pay sells nothing more, and blocks nothing that was paid for', async () => {
    const claimStore = createMemoryClaimStore();
    const first = await open({ claimStore, endpoints: ENDPOINTS });
    const authorization = await first.buy('/a');
    phoenixd.paidSat.set(hashOf(authorization), 5);
    await phoenixd.stop();
    first.use({ wallet: wallet(), environment: { P: phoenixd.fullPassword } });
    await first.restart();
    expect(lines()).toContain(
      'warn the wallet cannot be asked what its credential may do: nothing is sold with it until it has told; it is asked again',
    );
    await phoenixd.start();
    await until(() => log.join('').includes('the wallet credential can spend'));
    const told = log.find((line) => line.includes('the wallet credential can spend')) ?? '';
    expect(JSON.parse(told)).toMatchObject({ level: 'error', wallet: 'phoenixd', code: 'WALLET_TOO_POWERFUL' });
    expect(told).not.toContain(phoenixd.fullPassword);
    const unpaid = await call(`${first.url}/a`);
    expect([unpaid.status, JSON.parse(unpaid.body)]).toMatchObject([503, { code: 'invoice_unavailable' }]);
    expect(phoenixd.calls).not.toContain('POST /createinvoice');
    const paid = await call(`${first.url}/a`, { headers: { authorization } });
    expect(paid).toMatchObject({ status: 200, body: 'ok' });
  });

  it('is watched: whether it answers and what it can receive stand in the metrics, and what changes in the log', async () => {
    const shop = await start(phoenixd.limitedPassword, {
      wallet: `wallet: {kind: phoenixd, url: "${phoenixd.url}", passwordEnv: P}\nwatch: {everyMs: 1000, inboundBelowSats: 60000}`,
    });
    await until(() => log.join('').includes('the wallet can receive less than the mark'));
    const metrics = async (): Promise<string> => (await call(`${shop.url}/metrics`)).body;
    expect(await metrics()).toContain('satway_wallet_up{wallet="phoenixd"} 1\n');
    expect(await metrics()).toContain('satway_wallet_receivable_msat{wallet="phoenixd"} 50000000\n');
    expect(await metrics()).toContain('satway_wallet_events_total{wallet="phoenixd",event="inbound_low"} 1\n');
    await phoenixd.stop();
    await until(() => log.join('').includes('the wallet does not answer'));
    expect(await metrics()).toContain('satway_wallet_up{wallet="phoenixd"} 0\n');
  });

  it.each([
    ['does not answer', 'WALLET_UNREACHABLE', 'the wallet has not answered several times in a row'],
    [
      'refuses its credential',
      'WALLET_PERMISSION_DENIED',
      'the wallet has refused its credential several times in a row',
    ],
  ])(
    'that %s again and again is told of as an error once, and so is that it is back',
    async (outage, code, message) => {
      const shop = await start(phoenixd.limitedPassword);
      const told = () => log.map((line) => JSON.parse(line) as Record<string, unknown>);
      const events = async (): Promise<string[]> =>
        (await call(`${shop.url}/metrics`)).body
          .split('\n')
          .filter((line) => line.startsWith('satway_wallet_events_total{'));
      expect(await events()).toEqual([]);
      const { limitedPassword } = phoenixd;
      if (outage === 'does not answer') await phoenixd.stop();
      else phoenixd.limitedPassword = '2'.repeat(64);
      await until(() => told().some(({ msg }) => msg === message));
      expect(told().filter(({ msg }) => msg === message)).toMatchObject([
        { level: 'error', wallet: 'phoenixd', code, failures: 3 },
      ]);
      expect(await events()).toEqual(['satway_wallet_events_total{wallet="phoenixd",event="unreachable"} 1']);
      if (outage === 'does not answer') await phoenixd.start();
      else phoenixd.limitedPassword = limitedPassword;
      await until(() => lines().includes('info the wallet answers again'));
      expect(told().filter(({ level, wallet }) => level === 'error' && wallet === 'phoenixd')).toHaveLength(1);
      expect(await events()).toEqual([
        'satway_wallet_events_total{wallet="phoenixd",event="unreachable"} 1',
        'satway_wallet_events_total{wallet="phoenixd",event="back"} 1',
      ]);
    },
  );
});

describe('a wallet that is not there at the start', () => {
  const NWC = `nostr+walletconnect://${'ab'.repeat(32)}?relay=ws://127.0.0.1:1&secret=${'cd'.repeat(32)}`;

  it.each([
    ['lnbits', 'url: http://127.0.0.1:1, keyEnv: SECRET', 'f00d'.repeat(8)],
    ['phoenixd', 'url: http://127.0.0.1:1, passwordEnv: SECRET', 'f00d'.repeat(8)],
    ['nwc', 'uriEnv: SECRET', NWC],
  ])('blocks no start, whatever its kind: %s', async (kind, entry, secret) => {
    const endpoints =
      '\n  - {id: order, method: POST, path: /v1/order, priceSats: 7}\n  - {id: ping, method: GET, path: /ping, free: true}';
    const wallet = `wallet: {kind: ${kind}, ${entry}}`;
    const shop = await open({ wallet, environment: { SECRET: secret }, endpoints });
    expect((await call(`${shop.url}/ping`)).status).toBe(200);
    const unpaid = await call(`${shop.url}/v1/order`, { method: 'POST' });
    expect([unpaid.status, JSON.parse(unpaid.body)]).toMatchObject([503, { code: 'invoice_unavailable' }]);
    expect(log.join('')).toContain('the wallet cannot be asked what its credential may do');
    expect(log.join('')).not.toContain('f00df00d');
    expect(log.join('')).not.toContain('cd'.repeat(32));
  });
});

/** Waits for what a log line or a look of the watch will bring about. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await once(AbortSignal.timeout(20), 'abort');
}

function hashOf(authorization: string): string {
  const decoded = decodeMacaroonText(authorization.replace(/^L402 /, '').replace(/:[^:]*$/, ''));
  const identifier = decoded.ok ? decodeIdentifier(decoded.value.macaroon.identifier) : null;
  return identifier?.ok === true ? identifier.value.paymentHashHex : '';
}
