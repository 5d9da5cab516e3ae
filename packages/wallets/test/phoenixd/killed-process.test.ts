import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTwo, type Two } from './two-daemons.js';

let two: Two;
beforeEach(async () => {
  two = await startTwo();
});
afterEach(() => two.close());

const program = fileURLToPath(new URL('./pays-until-killed.mjs', import.meta.url));

/** Another process begins to pay; `at` is called with it when its payment has come to the daemon. */
async function payElsewhere(bill: object, at: (child: ChildProcess) => Promise<unknown>): Promise<string> {
  const connection = JSON.stringify({ url: two.buyer.url, password: two.buyer.fullPassword });
  const child = spawn(process.execPath, [program, connection, JSON.stringify(bill)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'exit');
  two.buyer.addFault({ path: '/payinvoice', after: async () => (await at(child), null) });
  await ended;
  return said;
}

const killed = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};

it('a process that was killed between sending and reply is followed by one that finds the payment, and pays nothing again', async () => {
  const bill = await two.issuer.create({ amountMsat: 5000, description: 'one call', expirySeconds: 600 });
  const said = await payElsewhere(bill, killed);
  expect(said).toBe('');
  expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled', feeMsat: 4020 });
  const { invoice, paymentHashHex, amountMsat } = bill;
  expect(await two.pay({ invoice, paymentHashHex, amountMsat }, { mayHaveBeenSentBefore: true })).toMatchObject({
    state: 'unknown',
  });
  expect(two.buyer.ledger.outgoing).toHaveLength(1);
  expect(two.buyer.ledger.balanceMsat).toBe(1_000_000 - 9020);
  expect(two.seller.ledger.balanceMsat).toBe(5000);
});

it('two processes that pay one invoice at once leave one payment behind them', async () => {
  const bill = two.lightning.createInvoice({ amountMsat: 5000, expirySeconds: 600 }, { holds: true });
  const elsewhere = payElsewhere(bill, async () => undefined);
  while (two.buyer.ledger.byHash(bill.paymentHashHex) === null) await new Promise((resolve) => setImmediate(resolve));
  expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
  two.lightning.resolve(bill.paymentHashHex, 'settled');
  expect(await elsewhere).toBe('unknown');
  expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
  expect(two.buyer.ledger.outgoing).toHaveLength(1);
  expect(two.buyer.ledger.balanceMsat).toBe(1_000_000 - 9020);
});
