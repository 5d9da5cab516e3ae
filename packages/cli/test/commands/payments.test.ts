import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore, type Quote } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';
import { startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-payments-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const MACAROON = 'AgEGc2F0d2F5AkIAAHhush-hush-macaroon';
const PREIMAGE = 'ab'.repeat(32);
const storePath = (folder = home) => join(folder, 'purchases.db');
const payments = (...args: string[]) => runSatway(['payments', ...args], { SATWAY_HOME: home });

/** Buys, as far as it is told, what a program of the library's would have bought. */
function leave(
  steps: 'quoted' | 'sending' | 'settled' | 'redeemed',
  changes: Partial<Quote> & { readonly folder?: string } = {},
): string {
  const { folder, ...more } = changes;
  const store = openPurchaseStore({ path: storePath(folder) });
  store.budgets.registerCap('default', 1_000_000);
  const paymentHashHex = more.paymentHashHex ?? 'cd'.repeat(32);
  const quoted = store.journal.quote({
    walletId: 'wallet-a',
    budgetId: 'default',
    idempotencyKey: `key-of-${paymentHashHex}`,
    keyGiven: false,
    method: 'GET',
    url: 'https://api.example/v1/a/very/long/path/that/no/table/has/room/for?key=hush-query',
    bodySha256Hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    origin: 'https://api.example',
    targetMethod: 'GET',
    targetUrl: 'https://api.example/v1/item',
    scope: 'item',
    paymentHashHex,
    invoice: 'lnbcrt1',
    amountMsat: 5001,
    invoiceExpiresAtMs: Date.now() + 600_000,
    macaroonText: MACAROON,
    usesTotal: 1,
    credentialExpiresAtMs: null,
    ...more,
  });
  if (!quoted.ok) throw new Error(quoted.code);
  const { journal } = store;
  if (steps !== 'quoted') {
    journal.reserve(quoted.value, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
    journal.startSending(quoted.value);
  }
  if (steps === 'settled' || steps === 'redeemed') {
    journal.settle(quoted.value, { preimageHex: PREIMAGE, amountMsat: 5001, feeMsat: 20 });
  }
  if (steps === 'redeemed') journal.finishRedeeming(quoted.value, 'charged\u009b31m');
  store.close();
  return quoted.value;
}

describe('satway payments', () => {
  it('says that nothing was bought where there is no store, and makes none', async () => {
    expect(await payments('--json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect(existsSync(storePath())).toBe(false);
  });

  it('lists what was bought, newest first, without a wallet and without a secret', async () => {
    leave('redeemed');
    leave('sending', { paymentHashHex: 'ee'.repeat(32), origin: 'https://other.example' });
    const { code, stdout } = await payments('--json');
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(rows).toHaveLength(2);
    expect(rows.find(({ state }) => state === 'redeemed')).toMatchObject({
      paymentHash: 'cd'.repeat(32),
      url: 'https://api.example/v1/a/very/long/path/that/no/table/has/room/for',
      host: 'api.example',
      amountMsat: 5001,
      feeMsat: 20,
      paidAtMs: expect.any(Number),
    });
    const shown = await payments('show', 'cdcdcdcd');
    const asJson = await payments('show', 'CDCDCDCD', '--json');
    const table = await payments();
    for (const said of [stdout, shown.stdout, asJson.stdout, table.stdout]) {
      expect(said).toContain('cdcdcdcdcdcd');
      for (const secret of [MACAROON, PREIMAGE, 'hush', 'key-of-']) expect(said).not.toContain(secret);
    }
    expect(JSON.parse(asJson.stdout)).toEqual(rows.find(({ state }) => state === 'redeemed'));
    // The seller's word must not steer the terminal.
    expect(shown.stdout).not.toContain('\u009b');
    expect(table.stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(table.stdout).toContain('5.001');
  });

  it('keeps to states, hosts, times and a count, and refuses what it cannot read', async () => {
    leave('settled');
    leave('quoted', { paymentHashHex: 'ee'.repeat(32), origin: 'https://other.example' });
    const states = async (...args: string[]) =>
      (JSON.parse((await payments('--json', ...args)).stdout) as { state: string }[]).map(({ state }) => state);
    expect(await states('--state', 'settled,redeemed')).toEqual(['settled']);
    expect(await states('--host', 'other.example')).toEqual(['quoted']);
    expect(await states('--since', '1h')).toHaveLength(2);
    expect(await states('--since', '2999-01-01')).toEqual([]);
    expect(await states('--limit', '1')).toHaveLength(1);
    for (const wrong of [
      ['--state', 'paid'],
      ['--since', 'yesterday'],
      ['--limit', '0'],
    ])
      expect((await payments(...wrong)).code).toBe(2);
    expect(await payments('show', 'ffffffff')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('satway payments reconcile', () => {
  let sandbox: WalletSandbox;
  beforeEach(async () => {
    sandbox = await startWalletSandbox();
  });
  afterEach(() => sandbox.close());

  const reconcile = async (...args: string[]) => {
    const { code, stdout } = await runSatway(['payments', 'reconcile', ...args], sandbox.environment('buyer', 'pay'));
    return { code, stdout };
  };

  it('needs no wallet where every end is known, gives back what a dead program had set aside, and offers what is paid', async () => {
    leave('settled');
    leave('quoted', { paymentHashHex: 'ee'.repeat(32), idempotencyKey: 'other' });
    const { code, stdout } = await payments('reconcile', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      released: 1,
      purchases: [],
      offered: [
        {
          paymentHash: 'cd'.repeat(32),
          usesLeft: 1,
          answerDue: true,
          howToUse: expect.stringMatching(/^satway payments use cdcdcdcdcdcdcdcd -d @FILE|pays anything more/),
        },
      ],
    });
    expect(stdout).not.toContain('hush');
    expect((await payments('reconcile')).stdout).toContain('without an Idempotency-Key');
  });

  it('writes down what the wallet proves, offers it for use, and ends with 5 while one end is unknown', async () => {
    const walletId = sandbox.network.node('buyer').pubkeyHex;
    const paid = await sandbox.invoice(5001);
    await sandbox.network.node('buyer').payer.pay({ ...paid, amountMsat: 5001, feeLimitMsat: 1000, timeoutMs: 60_000 });
    leave('sending', { ...paid, walletId, folder: sandbox.home });
    const open = await sandbox.invoice(5001);
    leave('sending', { ...open, walletId, folder: sandbox.home });
    const first = await reconcile('--json');
    expect(first.code).toBe(5);
    const told = JSON.parse(first.stdout) as Record<string, Record<string, unknown>[]>;
    expect(told['purchases']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ paymentHash: paid.paymentHashHex, state: 'settled', walletSays: 'settled' }),
        expect.objectContaining({ paymentHash: open.paymentHashHex, state: 'unknown', walletSays: 'notFound' }),
      ]),
    );
    expect(told['offered']).toMatchObject([{ paymentHash: paid.paymentHashHex, usesLeft: 1 }]);
    const again = await reconcile();
    expect(again.stdout).toContain(`${paid.paymentHashHex}  paid, 1 call left`);
    expect(await sandbox.spentMsat()).toBe(5001);
  });
});
