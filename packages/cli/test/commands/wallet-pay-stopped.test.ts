import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeEach(async () => {
  sandbox = await startWalletSandbox();
});
afterEach(() => sandbox.close());

const pay = (invoice: string, more: Record<string, string> = {}, maxSats = '100') =>
  runSatway(['wallet', 'pay', invoice, '--max-sats', maxSats, '--yes', '--json'], {
    ...sandbox.environment('buyer', 'pay'),
    ...more,
  }).then(readTold);
const lookUp = (paymentHashHex: string, more: Record<string, string>) =>
  runSatway(['wallet', 'look-up', paymentHashHex, '--json'], {
    ...sandbox.environment('buyer', 'pay'),
    ...more,
  }).then(readTold);
const DOWN = { LND_REST_HOST: 'http://127.0.0.1:1' };

describe('satway wallet pay, stopped early', { timeout: 60_000 }, () => {
  it('moved no funds where nothing was ever sent', async () => {
    const { code, errors } = await pay((await sandbox.invoice()).invoice, DOWN);
    expect({ code, error: errors[0] }).toMatchObject({
      code: 6,
      error: { code: 'WALLET_UNREACHABLE', fundsMoved: 'no' },
    });
  });

  it('does not say so of what was sent before: node down, no leave to look up, above the limit, no wallet', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    const args = ['wallet', 'pay', bill.invoice, '--max-sats', '100', '--yes', '--json', '--timeout', '1'];
    expect((await runSatway(args, sandbox.environment('buyer', 'pay'))).code).toBe(5);
    const mayNotTrack = sandbox.environment('buyer', 'invoice');
    for (const [word, stopped] of [
      ['WALLET_UNREACHABLE', await pay(bill.invoice, DOWN)],
      ['WALLET_PERMISSION_DENIED', await pay(bill.invoice, mayNotTrack)],
      ['WALLET_SPENDING_LIMIT', await pay(bill.invoice, {}, '1')],
      ['WALLET_UNREACHABLE', await lookUp(bill.paymentHashHex, DOWN)],
      ['WALLET_NOT_CONFIGURED', await pay(bill.invoice, { LND_REST_HOST: '', LND_MACAROON: '' })],
    ] as const) {
      expect({ word, code: stopped.code, error: stopped.errors.at(-1) }).toMatchObject({
        code: 5,
        error: { code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown', paymentHashHex: bill.paymentHashHex },
      });
      expect(stopped.stderr).toContain(word);
    }
  });

  it('says of what was paid before that it was, though the node is down', async () => {
    const bill = await sandbox.invoice();
    expect((await pay(bill.invoice)).code).toBe(0);
    expect(await pay(bill.invoice, DOWN)).toMatchObject({
      code: 0,
      events: [{ event: 'payment', state: 'settled', amountMsat: 5000, paidBefore: true }],
    });
    expect(await lookUp(bill.paymentHashHex, DOWN)).toMatchObject({
      code: 0,
      events: [{ event: 'payment', state: 'settled', amountMsat: 5000 }],
    });
  });

  it('by a time limit of nothing is called wrongly, and leaves nothing behind', async () => {
    const { invoice } = await sandbox.invoice();
    const args = ['wallet', 'pay', invoice, '--max-sats', '100', '--yes', '--json', '--timeout', '0'];
    expect((await runSatway(args, sandbox.environment('buyer', 'pay'))).code).toBe(2);
    expect(existsSync(join(sandbox.home, 'direct-payments'))).toBe(false);
  });

  it('by a SATWAY_HOME that is a file names it and what to do, and moved no funds', async () => {
    const { invoice, paymentHashHex } = await sandbox.invoice();
    const file = join(sandbox.home, 'a-file');
    writeFileSync(file, '');
    const environment = { ...sandbox.environment('buyer', 'pay'), SATWAY_HOME: file };
    for (const stopped of [
      await pay(invoice, environment),
      readTold(await runSatway(['wallet', 'look-up', paymentHashHex, '--json'], environment)),
    ]) {
      expect(stopped.code).toBe(1);
      expect(stopped.errors[0]).toMatchObject({
        code: 'PURCHASE_STORE_UNUSABLE',
        fundsMoved: 'no',
        message: expect.stringContaining(file),
      });
    }
    rmSync(file);
    expect(await sandbox.spentMsat()).toBe(0);
  });
});
