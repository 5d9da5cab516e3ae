import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { encodeInvoice } from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quotePurchase } from '../quoted-purchase.js';
import { runSatway, startSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeEach(async () => {
  sandbox = await startWalletSandbox();
});
afterEach(() => sandbox.close());

const pay = (invoice: string, ...more: string[]) =>
  sandbox.wallet('pay', invoice, '--max-sats', '100', '--yes', ...more);
const recordFile = (paymentHashHex: string) => join(sandbox.home, 'direct-payments', `${paymentHashHex}.json`);

/** Begins to pay in a process of its own, and is done when it says that it sends. */
async function beginToPay(invoice: string) {
  const environment = sandbox.environment('buyer', 'pay');
  const child = startSatway(['wallet', 'pay', invoice, '--max-sats', '100', '--yes', '--json'], environment);
  await once(child.stdout, 'data');
  return child;
}

describe('satway wallet pay', () => {
  it('pays, says first what it sends, and shows no preimage unless it is asked to', async () => {
    const bill = await sandbox.invoice();
    const { code, events, stdout, stderr } = await pay(bill.invoice);
    expect(code).toBe(0);
    const paymentHash = bill.paymentHashHex;
    expect(events).toEqual([
      { event: 'sending', paymentHash, amountMsat: 5000 },
      { event: 'payment', state: 'settled', paymentHash, amountMsat: 5000, feeMsat: 0, paidBefore: false },
    ]);
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/preimage/i);
    expect(readFileSync(recordFile(paymentHash), 'utf8')).not.toMatch(/preimage/i);
    const { events: again } = await pay(bill.invoice, '--show-preimage');
    const preimage = Buffer.from(String(again[0]?.['preimage']), 'hex');
    expect(createHash('sha256').update(preimage).digest('hex')).toBe(paymentHash);
  });

  it('says first that a credential can do more than pay', async () => {
    const bill = await sandbox.invoice();
    const args = ['wallet', 'pay', bill.invoice, '--max-sats', '100', '--yes', '--json'];
    const { code, stderr } = await runSatway(args, sandbox.environment('buyer', 'admin'));
    expect(code).toBe(0);
    expect(stderr).toMatch(/this macaroon can do more than pay/);
  });

  it('pays no invoice twice, and says that it was paid before', async () => {
    const bill = await sandbox.invoice();
    await pay(bill.invoice);
    const { code, events } = await pay(`lightning:${bill.invoice.toUpperCase()}`);
    expect(code).toBe(0);
    expect(events).toMatchObject([{ event: 'payment', state: 'settled', paidBefore: true }]);
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('refuses what is above the limit before any wallet is asked, fees included', async () => {
    const bill = await sandbox.invoice(100_001);
    const { code, errors } = await runSatway(['wallet', 'pay', bill.invoice, '--max-sats', '100', '--yes', '--json'], {
      LND_REST_HOST: 'http://127.0.0.1:1',
      LND_MACAROON: '0201036c6e64',
      SATWAY_HOME: sandbox.home,
    }).then(readTold);
    expect({ code, error: errors[0] }).toMatchObject({
      code: 3,
      error: { code: 'WALLET_SPENDING_LIMIT', fundsMoved: 'no' },
    });
    sandbox.network.setRoutingFee({ baseMsat: 600, proportionalMillionths: 0 });
    const dear = await sandbox.invoice(99_500);
    const tooDear = await pay(dear.invoice);
    expect({ code: tooDear.code, error: tooDear.errors[0] }).toMatchObject({
      code: 4,
      error: { code: 'PAYMENT_FAILED', reason: 'no_route' },
    });
    const just = await sandbox.invoice(99_400);
    expect((await pay(just.invoice, '--max-fee-sats', '0')).code).toBe(4);
    expect((await pay(just.invoice)).code).toBe(0);
    expect(await sandbox.spentMsat()).toBe(100_000);
  });

  it('refuses an invoice that is garbage, without an amount, of another network, or expired', async () => {
    const secrets = { paymentHashHex: '11'.repeat(32), paymentSecretHex: '22'.repeat(32), description: '' };
    const now = Math.floor(Date.now() / 1000);
    const key = Buffer.alloc(32, 7);
    const invoices = {
      INVOICE_MALFORMED: 'lnbcrt1qqqqqq',
      INVOICE_AMOUNTLESS: encodeInvoice(
        { ...secrets, network: 'regtest', amountMsat: null, timestampSeconds: now },
        key,
      ),
      INVOICE_OTHER_NETWORK: encodeInvoice(
        { ...secrets, network: 'bitcoin', amountMsat: 1000n, timestampSeconds: now },
        key,
      ),
      INVOICE_EXPIRED: encodeInvoice(
        { ...secrets, network: 'regtest', amountMsat: 1000n, timestampSeconds: now - 7200 },
        key,
      ),
    };
    for (const [error, invoice] of Object.entries(invoices)) {
      const { code, errors } = await pay(invoice);
      expect({ code, error: errors[0] }).toMatchObject({ code: 7, error: { code: error, fundsMoved: 'no' } });
    }
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('leaves an invoice alone that stands under a purchase', async () => {
    const bill = await sandbox.invoice();
    const store = openPurchaseStore({ path: join(sandbox.home, 'purchases.db') });
    quotePurchase(store, bill.paymentHashHex);
    store.close();
    const { code, errors } = await pay(bill.invoice);
    expect({ code, error: errors[0] }).toMatchObject({
      code: 7,
      error: { code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' },
    });
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('shows what the invoice says and pays nothing where nobody can say yes', async () => {
    const { invoice } = await sandbox.network
      .node('seller')
      .issuer.create({ amountMsat: 5000, description: 'for \u{1b}[2Jyou\nHash  none', expirySeconds: 600 });
    const ended = await runSatway(['wallet', 'pay', invoice, '--max-sats', '100'], sandbox.environment('buyer', 'pay'));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/Amount +5 sats \(regtest\)/);
    expect(ended.stderr).toMatch(/Payee +0[23][0-9a-f]{64}/);
    expect(ended.stderr).toContain('Description  "for \u{fffd}[2Jyou\u{fffd}Hash  none"');
    expect(ended.stderr).toMatch(/Expires +\d{4}-/);
    expect(ended.stderr).toMatch(/no terminal to ask at; nothing was paid/);
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('ends with 4 for a payment that failed, and can try the same invoice again', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'failedLate', delayMs: 50 });
    const failed = await pay(bill.invoice);
    expect({ code: failed.code, error: failed.errors[0] }).toMatchObject({
      code: 4,
      error: { code: 'PAYMENT_FAILED', fundsMoved: 'no', paymentHashHex: bill.paymentHashHex },
    });
    expect((await pay(bill.invoice)).code).toBe(0);
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it.each(['replyLost', 'connectionCut', 'wrongPreimage', 'shuttingDown'] as const)(
    'ends with 5 when nobody knows (%s), says how to look it up, and pays once',
    async (kind) => {
      const bill = await sandbox.invoice();
      sandbox.network.addFault('buyer', { kind });
      const lost = await pay(bill.invoice);
      expect({ code: lost.code, error: lost.errors[0] }).toMatchObject({
        code: 5,
        error: { code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown', paymentHashHex: bill.paymentHashHex },
      });
      expect(lost.stderr).toContain(`satway wallet look-up ${bill.paymentHashHex}`);
      const found = await sandbox.wallet('look-up', bill.paymentHashHex);
      expect(found.code).toBe(0);
      expect(found.events).toMatchObject([{ event: 'payment', state: 'settled', amountMsat: 5000 }]);
      expect((await pay(bill.invoice)).events).toMatchObject([{ paidBefore: true }]);
      expect(await sandbox.spentMsat()).toBe(5000);
    },
  );

  it('ends with 5 while the payment is in flight, however often it is asked, and pays once', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    expect((await pay(bill.invoice, '--timeout', '1')).code).toBe(5);
    const again = await pay(bill.invoice);
    expect({ code: again.code, error: again.errors[0] }).toMatchObject({ code: 5, error: { code: 'PAYMENT_UNKNOWN' } });
    expect((await sandbox.wallet('look-up', bill.paymentHashHex)).events).toMatchObject([{ state: 'inFlight' }]);
    sandbox.network.resolve(bill.paymentHashHex, 'failed');
    const failed = await sandbox.wallet('look-up', bill.paymentHashHex);
    expect({ code: failed.code, state: failed.events[0]?.['state'] }).toEqual({ code: 4, state: 'failed' });
    expect((await pay(bill.invoice)).code).toBe(0);
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('lets one of two processes pay an invoice at once, and the other wait', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    const first = await beginToPay(bill.invoice);
    const second = await pay(bill.invoice);
    expect({ code: second.code, error: second.errors[0] }).toMatchObject({
      code: 5,
      error: { code: 'PURCHASE_UNDER_WAY' },
    });
    await inFlight(bill.paymentHashHex);
    sandbox.network.resolve(bill.paymentHashHex, 'settled');
    expect((await once(first, 'exit'))[0]).toBe(0);
    expect(await sandbox.spentMsat()).toBe(5000);
  });
});

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

describe('satway wallet pay, killed', () => {
  it('with the payment in flight: the next run finds it and pays nothing', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    const child = await beginToPay(bill.invoice);
    await inFlight(bill.paymentHashHex);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await pay(bill.invoice)).code).toBe(5);
    sandbox.network.resolve(bill.paymentHashHex, 'settled');
    expect((await pay(bill.invoice)).events).toMatchObject([{ event: 'payment', paidBefore: true }]);
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('the moment it says that it sends: it is on disk, and in the end paid once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const bill = await sandbox.invoice();
      const child = await beginToPay(bill.invoice);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(existsSync(recordFile(bill.paymentHashHex))).toBe(true);
      expect((await pay(bill.invoice)).code).toBe(0);
      expect(await sandbox.spentMsat()).toBe(5000 * (round + 1));
    }
  });
});

describe('satway wallet look-up', () => {
  it('goes through all that was sent from here, and says by its exit code whether the end of one is not known', async () => {
    expect(await sandbox.wallet('look-up')).toMatchObject({ code: 0, stdout: '' });
    const [paid, failed, stuck] = [await sandbox.invoice(), await sandbox.invoice(), await sandbox.invoice()];
    await pay(paid.invoice);
    sandbox.network.addFault('buyer', { kind: 'failedLate', delayMs: 10 });
    await pay(failed.invoice);
    const ended = await sandbox.wallet('look-up');
    expect(ended.code).toBe(0);
    sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    await pay(stuck.invoice, '--timeout', '1');
    const { code, events } = await sandbox.wallet('look-up');
    expect(code).toBe(5);
    const states = new Map(events.map(({ paymentHash, state }) => [paymentHash, state]));
    expect(states).toEqual(
      new Map([
        [paid.paymentHashHex, 'settled'],
        [failed.paymentHashHex, 'failed'],
        [stuck.paymentHashHex, 'inFlight'],
      ]),
    );
  });

  it('asks the wallet all the same where the record is damaged or another wallet’s, and leaves nothing behind for a stranger’s hash', async () => {
    const bill = await sandbox.invoice();
    await pay(bill.invoice);
    writeFileSync(recordFile(bill.paymentHashHex), '{');
    const damaged = await sandbox.wallet('look-up', bill.paymentHashHex);
    expect(damaged).toMatchObject({ code: 0, events: [{ state: 'settled' }] });
    expect(readFileSync(recordFile(bill.paymentHashHex), 'utf8')).toBe('{');
    const files = readdirSync(join(sandbox.home, 'direct-payments'));
    const strange = await sandbox.wallet('look-up', 'ab'.repeat(32));
    expect(strange).toMatchObject({ code: 5, events: [{ state: 'notFound' }] });
    expect(readdirSync(join(sandbox.home, 'direct-payments'))).toEqual(files);
  });
});

describe('the record of a payment', () => {
  it('is asked about at the wallet that paid, and at no other', async () => {
    const bill = await sandbox.invoice();
    sandbox.network.addFault('buyer', { kind: 'replyLost' });
    await pay(bill.invoice);
    const other = sandbox.walletFile('other', 'pay');
    const { code, errors } = await pay(bill.invoice, '--wallet-file', other);
    expect({ code, error: errors[0] }).toMatchObject({ code: 5, error: { code: 'PAYMENT_UNKNOWN' } });
    expect(errors[0]?.['message']).toContain('another wallet');
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('stops every payment of its invoice where it is damaged, and is left as it is', async () => {
    const bill = await sandbox.invoice();
    await pay(bill.invoice);
    for (const damaged of ['', '{', '{"version":1}', 'null', '[]']) {
      writeFileSync(recordFile(bill.paymentHashHex), damaged);
      const { code, errors } = await pay(bill.invoice);
      expect({ code, error: errors[0] }).toMatchObject({ code: 5, error: { code: 'PAYMENT_UNKNOWN' } });
      expect(readFileSync(recordFile(bill.paymentHashHex), 'utf8')).toBe(damaged);
    }
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('is none of what was not sent: no payment without a record, no record without a payment', async () => {
    const bill = await sandbox.invoice();
    await runSatway(['wallet', 'pay', bill.invoice, '--max-sats', '100'], sandbox.environment('buyer', 'pay'));
    expect(existsSync(recordFile(bill.paymentHashHex))).toBe(false);
    const { code, events } = await sandbox.wallet('look-up', bill.paymentHashHex);
    expect({ code, state: events[0]?.['state'] }).toEqual({ code: 5, state: 'notFound' });
  });
});
