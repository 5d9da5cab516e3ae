import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { L402Client, openPurchaseStore } from '@satway/client';
import { connectPayingWallet } from '@satway/wallets/open-wallet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSatway, type Serving, serveSatway } from '../run-satway.js';

let home = '';
let shop: Serving;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-use-'));
  shop = await serveSatway(['demo', '--serve', '--json']);
});
afterAll(async () => {
  await shop.stop('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

const urlOf = (city: string) => String(shop.first['paidUrl']).replace('lugano', city);
// No wallet is named: what is used needs none.
const payments = (...args: string[]) => runSatway(['payments', ...args], { SATWAY_HOME: home });

/** A program that pays and leaves before it has used what it paid for. @returns the payment hash and what the wallet can spend. */
async function leavePaid(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ hash: string; balance: () => Promise<number> }> {
  const { url: lndUrl, macaroonHex } = shop.first['lnd'] as { url: string; macaroonHex: string };
  const wallet = await connectPayingWallet({ kind: 'lnd', url: lndUrl, macaroonHex });
  const store = openPurchaseStore({ path: join(home, 'purchases.db') });
  const controller = new AbortController();
  let hash = '';
  const onPaid = ({ paymentHashHex }: { paymentHashHex: string }) => {
    hash = paymentHashHex;
    controller.abort();
  };
  const client = new L402Client({ wallet, store, hooks: { onPaid } });
  expect(await client.tryFetch(url, { signal: controller.signal, headers })).toMatchObject({ code: 'CALL_ABORTED' });
  await client.close();
  expect(store.journal.search({ states: ['settled'] })).toHaveLength(1);
  store.close();
  await wallet.close();
  const balance = async () => {
    const reading = await connectPayingWallet({ kind: 'lnd', url: lndUrl, macaroonHex });
    const { spendableMsat } = await reading.balance();
    await reading.close();
    return spendableMsat;
  };
  return { hash, balance };
}

describe('what is paid and was not used', () => {
  it.each([
    ['berlin', {}],
    ['prague', { 'idempotency-key': 'a-key-of-the-program' }],
  ])('is offered, and given without a wallet and without another payment (%s)', async (city, headers) => {
    const { hash, balance } = await leavePaid(urlOf(city), headers);
    const before = await balance();
    const offered = await payments('reconcile', '--json');
    expect(offered.code).toBe(0);
    const told = JSON.parse(offered.stdout) as { offered: { paymentHash: string; howToUse: string }[] };
    const [offer] = told.offered.filter(({ paymentHash }) => paymentHash === hash);
    // What it says is what to type.
    const [, typed = ''] = /^satway payments (use \w+);/.exec(offer?.howToUse ?? '') ?? [];
    expect(await payments(...typed.split(' '), '-d', 'another body')).toMatchObject({ code: 2, stdout: '' });
    const file = join(home, `${city}.json`);
    const used = await payments(...typed.split(' '), '-o', file, '--json');
    expect({ code: used.code, told: JSON.parse(used.stdout) as unknown }).toEqual({
      code: 0,
      told: { event: 'used', status: 200, paymentHash: hash, file },
    });
    expect(readFileSync(file, 'utf8').toLowerCase()).toContain(city);
    expect(await balance()).toBe(before);
    const again = await payments('use', hash, '-o', join(home, 'never.json'), '--json');
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stderr)).toMatchObject({
      code: 'CLI_USAGE',
      message: expect.stringContaining('it is redeemed'),
    });
    expect(existsSync(join(home, 'never.json'))).toBe(false);
  });

  it('is left to the program that has it in hand', async () => {
    const { hash } = await leavePaid(urlOf('lugano'));
    const store = openPurchaseStore({ path: join(home, 'purchases.db') });
    const [purchase] = store.journal.findByHash(hash);
    expect(store.journal.adopt(purchase?.purchaseId ?? '')).toBe(true);
    const { code, stderr } = await payments('use', hash, '--json');
    expect({ code, said: JSON.parse(stderr) as unknown }).toMatchObject({
      code: 5,
      said: { code: 'PURCHASE_UNDER_WAY', fundsMoved: 'yes' },
    });
    store.close();
    expect((await payments('use', hash)).stdout.toLowerCase()).toContain('lugano');
  });
});
