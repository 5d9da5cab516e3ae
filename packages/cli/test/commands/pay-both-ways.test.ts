import { once } from 'node:events';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import type { IssuedInvoice } from '@satway/wallets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENTS, startAgent } from '../mcp/agent.js';
import { runSatway, startSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type Told, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
let lnd: Counting;
const shops: Server[] = [];
beforeEach(async () => {
  sandbox = await startWalletSandbox();
  lnd = await startCounting(String(sandbox.environment('buyer', 'pay')['LND_REST_HOST']));
});
afterEach(async () => {
  for (const server of [...shops.splice(0), lnd.server]) {
    server.closeAllConnections();
    server.close();
  }
  await sandbox.close();
});

interface Counting {
  readonly server: Server;
  readonly url: string;
  /** How many payments LND was asked for. */
  readonly sends: () => number;
}

/** Stands before LND and counts: that LND refuses a second payment must not be what keeps one from being sent. */
async function startCounting(target: string): Promise<Counting> {
  let sends = 0;
  const server = createServer((from, to) => {
    if (from.url === '/v2/router/send') sends += 1;
    const onward = send(new URL(from.url ?? '/', target), { method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      to.flushHeaders();
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    to.on('close', () => onward.destroy());
    from.pipe(onward);
  });
  return { server, url: await listen(server), sends: () => sends };
}

/** A shop that sells for one invoice, whoever asks. */
async function sellFor({ invoice }: IssuedInvoice): Promise<string> {
  const shop = createServer((from, to) => {
    if (from.headers.authorization !== undefined) return to.end('delivered');
    const line = `L402 macaroon="${Buffer.from('of the shop').toString('base64')}", invoice="${invoice}"`;
    return to.writeHead(402, { 'www-authenticate': line }).end();
  });
  shops.push(shop);
  return `${await listen(shop)}/item`;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const environment = () => ({ ...sandbox.environment('buyer', 'pay'), LND_REST_HOST: lnd.url });
const byHand = (bill: IssuedInvoice) => ['wallet', 'pay', bill.invoice, '--max-sats', '100', '--yes', '--json'];
const byCall = (url: string, ...more: string[]) => ['pay', url, '--json', ...more];
const run = async (args: readonly string[]): Promise<Told> => readTold(await runSatway(args, environment()));

/** Until the sandbox has the payment: its own news, no clock. */
async function inFlight(paymentHashHex: string): Promise<void> {
  const { lightning } = sandbox.network;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (lightning.findPayment('buyer', paymentHashHex) === null) return;
      stop();
      resolve();
    };
    const stop = lightning.paymentNews.add(look);
    look();
  });
}

const refused = { code: 7, error: { code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' } };
const endOf = ({ code, errors }: Told) => ({ code, error: errors.at(-1) });

describe('satway pay and satway wallet pay of one invoice', { timeout: 240_000 }, () => {
  it.each([[], ['--store', 'other.db']])(
    'one at a time: a call does not pay what is paid by hand (%j)',
    async (...more) => {
      const bill = await sandbox.invoice();
      const url = await sellFor(bill);
      sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
      const first = startSatway(byHand(bill), environment());
      const ended = once(first, 'exit');
      await inFlight(bill.paymentHashHex);
      const store = more.map((each) => (each.endsWith('.db') ? join(sandbox.home, each) : each));
      expect(endOf(await run(byCall(url, ...store)))).toMatchObject(refused);
      sandbox.network.resolve(bill.paymentHashHex, 'settled');
      expect((await ended)[0]).toBe(0);
      const late = await run(byCall(url, ...store));
      expect(endOf(late)).toMatchObject({ ...refused, error: { code: 'PAYMENT_HASH_REUSED', fundsMoved: 'yes' } });
      expect(lnd.sends()).toBe(1);
      expect(await sandbox.spentMsat()).toBe(5000);
    },
  );

  it.each([[], ['--store', 'other.db']])(
    'one at a time: by hand is not paid what a call pays (%j)',
    async (...more) => {
      const bill = await sandbox.invoice();
      const url = await sellFor(bill);
      sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
      const store = more.map((each) => (each.endsWith('.db') ? join(sandbox.home, each) : each));
      const first = startSatway(byCall(url, ...store), environment());
      const ended = once(first, 'exit');
      await inFlight(bill.paymentHashHex);
      expect(endOf(await run(byHand(bill)))).toMatchObject(refused);
      sandbox.network.resolve(bill.paymentHashHex, 'settled');
      expect((await ended)[0]).toBe(0);
      expect(endOf(await run(byHand(bill)))).toMatchObject({ code: 7, error: { fundsMoved: 'yes' } });
      expect(lnd.sends()).toBe(1);
      expect(await sandbox.spentMsat()).toBe(5000);
    },
  );

  it('one at a time: an agent’s tool does not pay what is paid by hand', async () => {
    const bill = await sandbox.invoice();
    const url = await sellFor(bill);
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    const first = startSatway(byHand(bill), environment());
    const ended = once(first, 'exit');
    await inFlight(bill.paymentHashHex);
    const agent = await startAgent(AGENTS[0], { ...environment(), SATWAY_ALLOW_HOSTS: new URL(url).host });
    const refusal = await agent.call('call_api', { url });
    await agent.close();
    expect(refusal).toMatchObject({
      isError: true,
      data: { error: { code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' } },
    });
    sandbox.network.resolve(bill.paymentHashHex, 'settled');
    expect((await ended)[0]).toBe(0);
    expect(lnd.sends()).toBe(1);
  });

  it('both at once, as two processes: never do both send', async () => {
    let paid = 0;
    for (let round = 1; round <= 3; round += 1) {
      const bill = await sandbox.invoice();
      const url = await sellFor(bill);
      const before = lnd.sends();
      const ends = await Promise.all([run(byHand(bill)), run(byCall(url, '--store', join(sandbox.home, 'other.db')))]);
      expect(lnd.sends() - before).toBeLessThanOrEqual(1);
      const winners = ends.filter(({ code }) => code === 0);
      expect(winners.length).toBe(lnd.sends() - before);
      for (const end of ends) if (end.code !== 0) expect(endOf(end)).toMatchObject({ code: 7 });
      paid += winners.length;
    }
    expect(await sandbox.spentMsat()).toBe(5000 * paid);
    const store = openPurchaseStore({ path: join(sandbox.home, 'other.db') });
    expect(store.journal.listUnresolved()).toEqual([]);
    store.close();
  });
});
