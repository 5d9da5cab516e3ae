import { join } from 'node:path';
import { openPurchaseStore, type Purchase } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaveUnknown } from '../quoted-purchase.js';
import { runSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeEach(async () => (sandbox = await startWalletSandbox()));
afterEach(() => sandbox.close());

function inJournal<T>(use: (store: ReturnType<typeof openPurchaseStore>) => T): T {
  const store = openPurchaseStore({ path: join(sandbox.home, 'purchases.db') });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

const purchaseOf = (hash: string): Purchase | undefined => inJournal((store) => store.journal.findByHash(hash)[0]);
const walletId = (): string => sandbox.network.node('buyer').pubkeyHex;

/** An invoice that another program of the same node tried in vain. */
async function failedByAnother() {
  const bill = await sandbox.invoice(5000);
  sandbox.network.addFault('buyer', { kind: 'failedLate', delayMs: 0 });
  const outcome = await sandbox.network.node('buyer').payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 5000 });
  expect(outcome).toMatchObject({ state: 'failed' });
  return bill;
}

/** The commands with a wallet that is down. */
const whileDown = async (...args: string[]) =>
  readTold(
    await runSatway([...args, '--json'], {
      ...sandbox.environment('buyer', 'pay'),
      LND_REST_HOST: 'http://127.0.0.1:1',
    }),
  );

describe('satway wallet look-up, of what the journal of purchases holds', { timeout: 120_000 }, () => {
  it('says unknown of what is unknown there, though another program left a failure on record', async () => {
    const { paymentHashHex } = await failedByAnother();
    inJournal((store) => leaveUnknown(store, paymentHashHex, walletId()));
    const { code, events } = await sandbox.wallet('look-up', paymentHashHex);
    expect({ code, state: events[0]?.['state'] }).toEqual({ code: 5, state: 'unknown' });
    expect(purchaseOf(paymentHashHex)?.state).toBe('unknown');
  });

  it('says unknown of a failure on record of what was never sent from here', async () => {
    const { paymentHashHex } = await failedByAnother();
    const { code, events } = await sandbox.wallet('look-up', paymentHashHex);
    expect({ code, state: events[0]?.['state'] }).toEqual({ code: 5, state: 'unknown' });
  });

  it('books there what the wallet proves, and says it without the wallet from then on', async () => {
    const bill = await sandbox.invoice(5000);
    await sandbox.network.node('buyer').payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 5000 });
    inJournal((store) => leaveUnknown(store, bill.paymentHashHex, walletId()));
    const settled = { code: 0, events: [{ state: 'settled', amountMsat: 5000, feeMsat: 0 }] };
    expect(await sandbox.wallet('look-up', bill.paymentHashHex)).toMatchObject(settled);
    expect(purchaseOf(bill.paymentHashHex)?.state).toBe('settled');
    expect(await whileDown('wallet', 'look-up', bill.paymentHashHex)).toMatchObject(settled);
  });

  it('books what is taken for failed there and was paid after all', async () => {
    const bill = await sandbox.invoice(5000);
    await sandbox.network.node('buyer').payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 5000 });
    inJournal((store) => {
      const id = leaveUnknown(store, bill.paymentHashHex, walletId());
      expect(store.journal.adopt(id)).toBe(true);
      store.journal.fail(id, 'other: on record');
    });
    const settled = { code: 0, events: [{ state: 'settled', amountMsat: 5000, feeMsat: 0 }] };
    expect(await sandbox.wallet('look-up', bill.paymentHashHex)).toMatchObject(settled);
    expect(purchaseOf(bill.paymentHashHex)).toMatchObject({ state: 'settled', failure: null });
    expect(inJournal((store) => store.budgets.state('default'))).toMatchObject({ reservedMsat: 0, spentMsat: 5000 });
  });

  it('says failed of what failed for certain there, and that a person ended it of what a person ended', async () => {
    const [failed, ended] = ['ab'.repeat(32), 'cd'.repeat(32)];
    inJournal((store) => {
      for (const [hash, end] of [
        [failed, (id: string) => store.journal.fail(id, 'no_route: none')],
        [ended, (id: string) => store.journal.writeOff(id, 'settled-as-spent by ann')],
      ] as const) {
        const id = leaveUnknown(store, hash, walletId());
        expect(store.journal.adopt(id)).toBe(true);
        end(id);
      }
    });
    expect(await sandbox.wallet('look-up', failed)).toMatchObject({ code: 4, events: [{ state: 'failed' }] });
    expect(await sandbox.wallet('look-up', ended)).toMatchObject({ code: 5, events: [{ state: 'endedByHand' }] });
  });
});

describe('while the wallet is down and a payment is open', { timeout: 120_000 }, () => {
  it.each([
    ['wallet look-up', ['wallet', 'look-up', 'ab'.repeat(32)], 5],
    ['wallet resolve', ['wallet', 'resolve'], 6],
    ['payments reconcile', ['payments', 'reconcile'], 6],
  ] as const)('%s does not say that no funds moved', async (_name, args, exitCode) => {
    inJournal((store) => leaveUnknown(store, 'ab'.repeat(32), walletId()));
    const { code, errors } = await whileDown(...args);
    expect({ code, fundsMoved: errors.at(-1)?.['fundsMoved'] }).toEqual({ code: exitCode, fundsMoved: 'unknown' });
  });
});
