import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, startSatway } from '../../packages/cli/test/run-satway.js';
import { addHeldInvoice, type LndNode, type RegtestNetwork, startRegtestNetwork, waitUntil } from './network/index.js';
import { bakeInvoiceMacaroon, bakePayMacaroon } from './roles.js';

let network: RegtestNetwork;
let sellerFile = '';
let environment: Record<string, string> = {};
beforeAll(async () => {
  network = await startRegtestNetwork();
  const { seller, buyer } = network.nodes;
  sellerFile = await walletFile(seller, await bakeInvoiceMacaroon(seller));
  environment = {
    SATWAY_HOME: join(network.folder, 'home'),
    LND_REST_HOST: buyer.restUrl,
    LND_MACAROON: await bakePayMacaroon(buyer),
    LND_TLS_CERT: buyer.tlsCertPath,
  };
});
afterAll(() => network?.stop());

async function walletFile(node: LndNode, macaroon: string): Promise<string> {
  const file = join(network.folder, `${node.name}-wallet.json`);
  const wallet = { kind: 'lnd', url: node.restUrl, macaroon, tlsCertFile: node.tlsCertPath };
  writeFileSync(file, JSON.stringify(wallet), { mode: 0o600 });
  return file;
}

/** The buyer's wallet from the environment, unless a file is named. */
async function wallet(...args: string[]) {
  const { code, stdout, stderr } = await runSatway(['wallet', ...args, '--json'], environment);
  const events = stdout === '' ? [] : jsonLines(stdout);
  return { code, events, last: events.at(-1) ?? {}, stderr };
}

const pay = (invoice: string) => wallet('pay', invoice, '--max-sats', '100', '--yes');

/** What the two nodes' books say moved from buyer to seller. */
async function movedMsat(during: () => Promise<unknown>): Promise<number> {
  const before = await network.settledBalancesMsat();
  await during();
  const after = await network.settledBalancesMsat();
  expect(after.sellerMsat - before.sellerMsat).toBe(before.buyerMsat - after.buyerMsat);
  return before.buyerMsat - after.buyerMsat;
}

describe('satway wallet on two real LND nodes', () => {
  it('says what each macaroon may do, in one object', async () => {
    expect(await wallet('inspect')).toMatchObject({
      code: 0,
      events: [{ kind: 'lnd', network: 'regtest', can: { pay: true, createInvoice: false }, excess: [] }],
    });
    expect(await wallet('inspect', '--wallet-file', sellerFile)).toMatchObject({
      code: 0,
      events: [{ kind: 'lnd', can: { pay: false, createInvoice: true }, excess: [] }],
    });
  });

  it('tells the balance that the node tells', async () => {
    const { last } = await wallet('balance');
    expect(last).toMatchObject({ kind: 'lnd', network: 'regtest' });
    const { local_balance: local } = await network.nodes.buyer.call<{ local_balance: { msat: string } }>(
      'GET',
      '/v1/balance/channels',
    );
    expect(last['spendableMsat']).toBe(Number(local.msat));
  });

  it('makes an invoice, pays it once, and finds it from both sides', async () => {
    const { last: invoice } = await wallet('invoice', '21', '--wallet-file', sellerFile);
    const hash = String(invoice['paymentHash']);
    const moved = await movedMsat(async () => {
      expect((await pay(String(invoice['invoice']))).last).toMatchObject({ state: 'settled', paidBefore: false });
      expect((await pay(String(invoice['invoice']))).last).toMatchObject({ state: 'settled', paidBefore: true });
    });
    expect(moved).toBe(21_000);
    expect(await wallet('look-up', hash)).toMatchObject({ code: 0, last: { state: 'settled', amountMsat: 21_000 } });
    const incoming = await wallet('look-up', hash, '--incoming', '--wallet-file', sellerFile);
    expect(incoming).toMatchObject({ code: 0, last: { state: 'settled', amountReceivedMsat: 21_000 } });
  });

  // Killed, it cannot know whether its request was the one that LND took up: until the invoice is over, a failure may be another program's.
  it.each([
    ['settled', 7000, 3_600],
    ['failed', 0, 30],
  ] as const)(
    'is killed with the payment in flight, finds it again, and it %s',
    async (ending, costMsat, expirySeconds) => {
      const held = await addHeldInvoice(network.nodes.seller, 7000, expirySeconds);
      const moved = await movedMsat(async () => {
        const child = startSatway(['wallet', 'pay', held.invoice, '--max-sats', '100', '--yes', '--json'], environment);
        await once(child.stdout, 'data');
        const state = async () => (await wallet('look-up', held.paymentHashHex)).last['state'];
        // A payment in another process's hands cannot be looked up here, so the seller's side is asked.
        await waitUntil('the money is held', () => isHeld(held.paymentHashHex));
        child.kill('SIGKILL');
        await once(child, 'exit');
        expect(await pay(held.invoice)).toMatchObject({ code: 5 });
        expect(await state()).toBe('inFlight');
        await (ending === 'settled' ? held.settle() : held.cancel());
        await waitUntil('the payer has heard', async () => (await state()) === ending, { limitMs: 180_000 });
      });
      expect(moved).toBe(costMsat);
    },
    300_000,
  );

  it('keeps every promise that can be tried between two wallets, within its limit and by the nodes’ books', async () => {
    let last: Record<string, unknown> = {};
    let failed: unknown[] = [];
    const moved = await movedMsat(async () => {
      const told = await wallet('test', '--counterpart-file', sellerFile, '--max-sats', '60');
      failed = told.events.filter(({ verdict }) => verdict === 'failed');
      last = told.last;
    });
    expect(failed).toEqual([]);
    expect(last).toMatchObject({ event: 'done', failed: 0, spentMsat: moved, limitMsat: 60_000 });
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThanOrEqual(60_000);
  });
});

async function isHeld(paymentHashHex: string): Promise<boolean> {
  const { state } = await network.nodes.seller.call<{ state: string }>('GET', `/v1/invoice/${paymentHashHex}`);
  return state === 'ACCEPTED';
}
