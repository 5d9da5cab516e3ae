import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { acquireProcessLock } from '@satway/base';
import { openPurchaseStore } from '@satway/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway, startSatway } from '../run-satway.js';

let network: Serving;
let folder = '';
let url = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-sandbox-'));
  network = await serveSatway(['sandbox', '--json', '--tls', '--folder', folder]);
  url = String(network.first['url']);
});
afterAll(async () => {
  await network.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function walletFile(macaroon: string): string {
  const file = join(home, `${macaroon}.yaml`);
  const secret = join(folder, `${macaroon}.macaroon`);
  writeFileSync(file, `kind: lnd\nurl: ${url}\nmacaroonFile: ${secret}\ntlsCertFile: ${join(folder, 'tls.cert')}\n`);
  return file;
}

function variables(prefix: string, macaroon: string): Record<string, string> {
  return {
    [`${prefix}LND_REST_HOST`]: url,
    [`${prefix}LND_MACAROON`]: join(folder, `${macaroon}.macaroon`),
    [`${prefix}LND_TLS_CERT`]: join(folder, 'tls.cert'),
  };
}

const files = (seller: string, buyer: string) => [
  '--seller-wallet-file',
  walletFile(seller),
  '--buyer-wallet-file',
  walletFile(buyer),
];
const environment = () => ({ SATWAY_HOME: home });
const leftBehind = () => readdirSync(home).filter((name) => name.startsWith('demo-'));

describe('satway demo --wallet', { timeout: 120_000 }, () => {
  it('tells the story over two wallets that are given, with the same lines, and leaves nothing behind', async () => {
    const args = ['demo', '--json', '--wallet', 'lnd', ...files('seller-invoice', 'buyer-pay')];
    const { code, stdout, stderr } = await runSatway(args, environment());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = jsonLines(stdout);
    expect(events.map(({ event }) => event)).toEqual([
      'started',
      'free_call',
      'asked',
      'challenged',
      'reserved',
      'paying',
      'paid',
      'redeeming',
      'redeemed',
      'done',
    ]);
    expect(events.at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 0 });
    expect(leftBehind()).toEqual([]);
    const secret = readFileSync(join(folder, 'buyer-pay.macaroon')).toString('hex');
    expect(stdout).not.toContain(secret.slice(0, 60));
  });

  it('takes the wallets from variables that begin with SELLER_ and BUYER_, or the buyer’s from the usual ones', async () => {
    const seller = variables('SELLER_', 'seller-invoice');
    for (const prefix of ['BUYER_', '']) {
      const buyer = variables(prefix, 'buyer-pay');
      const { code, stdout } = await runSatway(['demo', '--json', '--wallet', 'lnd'], {
        ...environment(),
        ...seller,
        ...buyer,
      });
      expect(code).toBe(0);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'done', status: 200 });
    }
  });

  it('refuses a seller’s credential that can spend where nobody allowed it, and says how to', async () => {
    const args = ['demo', '--json', '--wallet', 'any', ...files('seller-admin', 'buyer-pay')];
    const { code, stdout, stderr } = await runSatway(args, environment());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(jsonLines(stderr)).toMatchObject([
      {
        code: 'WALLET_TOO_POWERFUL',
        fundsMoved: 'no',
        powers: 'pay administer',
        message: expect.stringContaining('--allow-powers'),
      },
    ]);
    expect(leftBehind()).toEqual([]);
  });

  it('warns of credentials that can do more than their side needs, and with --allow-powers goes on', async () => {
    const args = ['demo', '--json', '--wallet', 'any', '--allow-powers', ...files('seller-admin', 'buyer-admin')];
    const { code, stderr } = await runSatway(args, environment());
    expect(code).toBe(0);
    const warnings = jsonLines(stderr).map(({ warning }) => String(warning));
    expect(warnings).toEqual([
      expect.stringMatching(/seller's credential can spend \(pay, administer\), and --allow-powers hands it/),
      expect.stringContaining('more than pay'),
    ]);
  });

  it('pays nothing above --max-sats, and leaves nothing behind', async () => {
    const args = ['demo', '--json', '--max-sats', '4', ...files('seller-invoice', 'buyer-pay')];
    const { code, stderr } = await runSatway(args, environment());
    expect(code).toBe(3);
    expect(jsonLines(stderr)[0]).toMatchObject({ code: 'PRICE_ABOVE_LIMIT', fundsMoved: 'no' });
    expect(leftBehind()).toEqual([]);
  });

  it('leaves the record of a payment behind when it is killed, and no secret of a wallet; the record finds its end', async () => {
    await control('faults', { node: 'buyer', fault: { kind: 'stuckThenSettled' } });
    const demo = startSatway(['demo', '--json', ...files('seller-invoice', 'buyer-pay')], environment());
    const paymentHashHex = await hashOfPayment(demo.stdout);
    demo.kill('SIGKILL');
    await once(demo, 'close');
    const shop = leftBehind().find((name) => name.startsWith('demo-shop-')) ?? '';
    expect(readdirSync(join(home, shop)).filter((name) => /secret|macaroon/.test(name))).toEqual([]);
    await control('resolve', { paymentHashHex, as: 'settled' });
    await expectResolved(paymentHashHex);
  });

  it('clears what demos left that were killed, and leaves alone the shop of one that lives', async () => {
    await control('faults', { node: 'buyer', fault: { kind: 'stuckThenSettled' } });
    const killed = startSatway(['demo', '--json', ...files('seller-invoice', 'buyer-pay')], environment());
    const paymentHashHex = await hashOfPayment(killed.stdout);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(leftBehind()).not.toEqual([]);
    await control('resolve', { paymentHashHex, as: 'settled' });
    mkdirSync(join(home, 'demo-shop-of-old'));
    const living = acquireProcessLock(join(home, 'demo-shop-living.lock'));
    mkdirSync(join(home, 'demo-shop-living'));
    const { code } = await runSatway(['demo', '--json', ...files('seller-invoice', 'buyer-pay')], environment());
    living.release();
    expect(code).toBe(0);
    expect(leftBehind().toSorted()).toEqual(['demo-shop-living', 'demo-shop-living.lock']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says where its record lies when %s ends it, and leaves no shop behind',
    async (signal) => {
      await control('faults', { node: 'buyer', fault: { kind: 'stuckThenSettled' } });
      const demo = startSatway(['demo', '--json', ...files('seller-invoice', 'buyer-pay')], environment());
      const said = text(demo.stderr);
      const paymentHashHex = await hashOfPayment(demo.stdout);
      demo.kill(signal);
      expect(await once(demo, 'close')).toEqual([null, signal]);
      expect(jsonLines(await said)).toMatchObject([{ warning: expect.stringContaining(join(home, 'purchases.db')) }]);
      expect(leftBehind()).toEqual([]);
      await control('resolve', { paymentHashHex, as: 'settled' });
      await expectResolved(paymentHashHex);
    },
  );

  it('does not deny a payment that it made when the seller’s wallet fails at the end, and keeps its record', async () => {
    const proxy = createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith('/v1/invoice/') === true) return void outgoing.writeHead(500).end('{}');
      const { method, headers } = incoming;
      const onward = request(`${url}${incoming.url}`, { method, headers, rejectUnauthorized: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const file = join(home, 'failing-seller.yaml');
    const macaroon = readFileSync(join(folder, 'seller-invoice.macaroon')).toString('hex');
    writeFileSync(
      file,
      `kind: lnd\nurl: http://127.0.0.1:${(proxy.address() as AddressInfo).port}\nmacaroon: ${macaroon}\n`,
      { mode: 0o600 },
    );
    const args = ['demo', '--json', '--seller-wallet-file', file, '--buyer-wallet-file', walletFile('buyer-pay')];
    const { code, stdout, stderr } = await runSatway(args, environment());
    proxy.close();
    proxy.closeAllConnections();
    expect(code).toBe(1);
    const paymentHashHex = jsonLines(stdout).find(({ event }) => event === 'paid')?.['paymentHashHex'];
    const [warning, error] = jsonLines(stderr).slice(-2);
    expect(warning).toMatchObject({ warning: expect.stringContaining(join(home, 'purchases.db')) });
    expect(error).toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'yes', paymentHashHex });
    const store = openPurchaseStore({ path: join(home, 'purchases.db') });
    expect(store.journal.list()).toMatchObject([{ paymentHashHex, state: 'redeemed', budgetId: 'demo' }]);
    store.close();
  });

  it.each([
    [['--wallet', 'nwc'], 'CLI_USAGE', 'lnd'],
    [['--wallet', 'lnd', '--serve'], 'CLI_USAGE', '--serve'],
  ] as const)('is called wrongly with %j', async (args, code, word) => {
    const ended = await runSatway(['demo', '--json', ...args, ...files('seller-invoice', 'buyer-pay')], environment());
    expect(ended.code).toBe(2);
    expect(jsonLines(ended.stderr)[0]).toMatchObject({ code, message: expect.stringContaining(word) });
  });

  it('names the prefix of the variables where the seller has no wallet', async () => {
    const ended = await runSatway(['demo', '--json', '--wallet', 'lnd'], {
      ...environment(),
      ...variables('', 'buyer-pay'),
    });
    expect(ended.code).toBe(2);
    expect(jsonLines(ended.stderr)[0]).toMatchObject({
      code: 'WALLET_NOT_CONFIGURED',
      message: expect.stringContaining('SELLER_'),
    });
  });
});

/** The usual store has the payment, and the wallet knows its end. */
async function expectResolved(paymentHash: string): Promise<void> {
  const variablesOfBuyer = { ...environment(), ...variables('', 'buyer-pay') };
  const resolved = await runSatway(['wallet', 'resolve', '--json'], variablesOfBuyer);
  expect(jsonLines(resolved.stdout)).toMatchObject([
    { purchases: [{ paymentHash, state: 'settled', walletSays: 'settled' }] },
  ]);
}

/** Waits until the wallet has the payment in hand. */
async function hashOfPayment(stdout: Readable): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const { event, paymentHashHex } = JSON.parse(line) as Record<string, unknown>;
    if (event === 'paying') return untilInFlight(String(paymentHashHex));
  }
  throw new Error('the demo ended before it paid');
}

async function untilInFlight(paymentHashHex: string): Promise<string> {
  for (;;) {
    const books = await control('books');
    if (books.includes(paymentHashHex) && books.includes('IN_FLIGHT')) return paymentHashHex;
  }
}

/** Moves the sandbox from outside; it shows a certificate of its own. */
async function control(action: string, body?: Readonly<Record<string, unknown>>): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    ca: readFileSync(join(folder, 'tls.cert')),
    headers,
    checkServerIdentity: () => undefined,
  };
  const call = request(`${url}/sandbox/v1/${action}`, options);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  return text(response);
}
