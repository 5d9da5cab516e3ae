import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeEach(async () => {
  sandbox = await startWalletSandbox();
});
afterEach(() => sandbox.close());

const recordFile = (paymentHashHex: string) => join(sandbox.home, 'direct-payments', `${paymentHashHex}.json`);
const record = (paymentHashHex: string) =>
  JSON.parse(readFileSync(recordFile(paymentHashHex), 'utf8')) as Record<string, unknown>;
const pay = (invoice: string, ...more: string[]) =>
  sandbox.wallet('pay', invoice, '--max-sats', '100', '--yes', ...more);

/** Leaves a payment in flight, as one that was left there for ever. */
async function leaveInFlight(): Promise<{ invoice: string; paymentHashHex: string }> {
  const bill = await sandbox.invoice();
  sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
  expect((await pay(bill.invoice, '--timeout', '1')).code).toBe(5);
  return bill;
}

async function resolve(...args: string[]) {
  const told = await sandbox.wallet('resolve', ...args);
  return { ...told, direct: (told.events[0]?.['directPayments'] ?? []) as Record<string, unknown>[] };
}

async function doctorOf(id: string): Promise<Record<string, unknown> | undefined> {
  const { stdout } = await runSatway(['doctor', '--json'], sandbox.environment('buyer', 'pay'));
  const { checks } = JSON.parse(stdout) as { checks: Record<string, unknown>[] };
  return checks.find((check) => check['id'] === id);
}

describe('a payment of satway wallet pay without a known end', { timeout: 120_000 }, () => {
  it('is named by the doctor, which says how to look it up', async () => {
    expect(await doctorOf('unresolved-payments')).toMatchObject({ verdict: 'ok' });
    const { paymentHashHex } = await leaveInFlight();
    const check = await doctorOf('unresolved-payments');
    expect(check).toMatchObject({ verdict: 'warn', fix: expect.stringContaining('satway wallet resolve') });
    expect(`${String(check?.['detail'])} ${String(check?.['fix'])}`).toContain(
      `satway wallet look-up ${paymentHashHex}`,
    );
    writeFileSync(recordFile(paymentHashHex), '{');
    expect(await doctorOf('unresolved-payments')).toMatchObject({ verdict: 'warn' });
  });

  it('is listed by wallet resolve, and what the wallet proves is written down', async () => {
    const { paymentHashHex } = await leaveInFlight();
    const open = await resolve();
    expect(open.code).toBe(0);
    expect(open.direct).toMatchObject([
      { paymentHash: paymentHashHex, amountMsat: 5000, state: 'unknown', walletSays: 'inFlight' },
    ]);
    sandbox.network.resolve(paymentHashHex, 'settled');
    expect((await resolve()).direct).toMatchObject([{ state: 'settled', walletSays: 'settled', decision: null }]);
    expect(record(paymentHashHex)).toMatchObject({ state: 'settled' });
    expect((await resolve()).direct).toEqual([]);
  });

  it('may not be ended by hand where nothing shows its end, and is then as it was', async () => {
    const { paymentHashHex } = await leaveInFlight();
    const before = record(paymentHashHex);
    const refused = await resolve(paymentHashHex.slice(0, 12), '--as', 'failed', '--yes', paymentHashHex);
    expect({ code: refused.code, error: refused.errors[0] }).toMatchObject({
      code: 5,
      error: { code: 'PURCHASE_NOT_DECIDABLE' },
    });
    expect(record(paymentHashHex)).toEqual({ ...before, seenInFlight: true });
  });

  it('that a person booked as spent keeps who and when, is open nowhere, and is never sent again', async () => {
    const { invoice, paymentHashHex } = await leaveInFlight();
    sandbox.network.resolve(paymentHashHex, 'failed');
    // Of two requests one failed: the other may still lie before the wallet.
    const two = { ...record(paymentHashHex), openSends: 2, totalSends: 2 };
    writeFileSync(recordFile(paymentHashHex), JSON.stringify(two));
    expect((await resolve()).direct).toMatchObject([{ state: 'unknown', walletSays: 'failed' }]);
    const wrong = await resolve(paymentHashHex, '--as', 'settled-as-spent', '--yes', 'ab'.repeat(32));
    expect(wrong.code).toBe(2);
    const ended = await resolve(paymentHashHex, '--as', 'settled-as-spent', '--yes', paymentHashHex);
    expect(ended.code).toBe(0);
    expect(ended.direct).toMatchObject([
      { state: 'failed', decision: expect.stringMatching(/^settled-as-spent by .+ at 2/) },
    ]);
    expect(record(paymentHashHex)).toMatchObject({ state: 'writtenOff' });
    expect((await resolve()).direct).toEqual([]);
    expect(await doctorOf('unresolved-payments')).toMatchObject({ verdict: 'ok' });
    expect((await sandbox.wallet('look-up')).code).toBe(0);
    const again = await pay(invoice);
    expect({ code: again.code, error: again.errors[0] }).toMatchObject({
      code: 7,
      error: { code: 'PAYMENT_HASH_REUSED' },
    });
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('is left alone where it is another wallet’s, or its record is damaged', async () => {
    const { paymentHashHex } = await leaveInFlight();
    const other = readTold(await runSatway(['wallet', 'resolve', '--json'], sandbox.environment('other', 'pay')))
      .events[0];
    expect(other).toMatchObject({
      directPayments: [{ walletSays: null, detail: expect.stringContaining('nother wallet') }],
    });
    writeFileSync(recordFile(paymentHashHex), '{');
    expect((await resolve()).direct).toMatchObject([
      { paymentHash: paymentHashHex, state: 'unknown', amountMsat: null, detail: expect.stringContaining('damaged') },
    ]);
    expect((await resolve(paymentHashHex, '--as', 'failed', '--yes', paymentHashHex)).code).toBe(5);
    expect(readFileSync(recordFile(paymentHashHex), 'utf8')).toBe('{');
  });
});

describe('a payment of satway wallet pay whose record is damaged', { timeout: 120_000 }, () => {
  const aside = (paymentHashHex: string) =>
    readdirSync(join(sandbox.home, 'direct-payments')).filter((file) =>
      file.startsWith(`${paymentHashHex}.json.damaged-`),
    );
  const keptAs = (file: string) => readFileSync(join(sandbox.home, 'direct-payments', file), 'utf8');

  it('can be ended by a person as spent: the file is kept aside, and the invoice is never sent again', async () => {
    const bill = await sandbox.invoice();
    const { paymentHashHex } = bill;
    sandbox.network.addFault('buyer', { kind: 'failedLate', delayMs: 0 });
    await pay(bill.invoice);
    writeFileSync(recordFile(paymentHashHex), '{"version":1,"half');
    const told = await resolve();
    expect(told.direct).toMatchObject([{ state: 'unknown', walletSays: 'failed', amountMsat: null }]);
    expect(told.direct[0]?.['detail']).toMatch(/record is damaged.*as settled-as-spent.*kept aside/);
    expect((await resolve(paymentHashHex, '--as', 'settled-as-spent', '--yes', 'ab'.repeat(32))).code).toBe(2);
    expect(aside(paymentHashHex)).toEqual([]);
    const ended = await resolve(paymentHashHex, '--as', 'settled-as-spent', '--yes', paymentHashHex);
    expect(ended.code).toBe(0);
    const [copy = ''] = aside(paymentHashHex);
    expect(keptAs(copy)).toBe('{"version":1,"half');
    expect(ended.direct).toMatchObject([
      {
        state: 'failed',
        amountMsat: null,
        decision: expect.stringMatching(/^settled-as-spent by .*kept as .*damaged-/),
      },
    ]);
    expect(String(ended.direct[0]?.['decision'])).toContain(copy);
    expect(record(paymentHashHex)).toMatchObject({ state: 'writtenOff', walletIdentity: expect.any(String) });
    expect((await resolve()).direct).toEqual([]);
    expect(await doctorOf('unresolved-payments')).toMatchObject({ verdict: 'ok' });
    expect((await pay(bill.invoice)).errors[0]).toMatchObject({ code: 'PAYMENT_HASH_REUSED', fundsMoved: 'unknown' });
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('is written down as settled where its wallet has it so, whatever the person decided', async () => {
    const bill = await sandbox.invoice();
    await pay(bill.invoice);
    writeFileSync(recordFile(bill.paymentHashHex), '');
    expect((await resolve()).direct).toMatchObject([{ state: 'unknown', walletSays: 'settled' }]);
    expect(readFileSync(recordFile(bill.paymentHashHex), 'utf8')).toBe('');
    const ended = await resolve(bill.paymentHashHex, '--as', 'failed', '--yes', bill.paymentHashHex);
    expect(ended.direct).toMatchObject([{ state: 'settled', amountMsat: 5000, walletSays: 'settled' }]);
    expect(aside(bill.paymentHashHex)).toHaveLength(1);
    expect((await pay(bill.invoice)).events).toMatchObject([{ state: 'settled', paidBefore: true, amountMsat: 5000 }]);
    expect(await sandbox.spentMsat()).toBe(5000);
  });

  it('may not be ended while it is in flight, nor as failed where nothing proves it; then nothing is touched', async () => {
    const { paymentHashHex } = await leaveInFlight();
    writeFileSync(recordFile(paymentHashHex), '[]');
    for (const end of ['failed', 'settled-as-spent']) {
      const refused = await resolve(paymentHashHex, '--as', end, '--yes', paymentHashHex);
      expect({ code: refused.code, error: refused.errors[0] }).toMatchObject({
        code: 5,
        error: { code: 'PURCHASE_NOT_DECIDABLE' },
      });
    }
    sandbox.network.resolve(paymentHashHex, 'failed');
    expect((await resolve(paymentHashHex, '--as', 'failed', '--yes', paymentHashHex)).code).toBe(5);
    expect(readFileSync(recordFile(paymentHashHex), 'utf8')).toBe('[]');
    expect(aside(paymentHashHex)).toEqual([]);
  });
});
