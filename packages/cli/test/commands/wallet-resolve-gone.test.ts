import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { refusal, result, walletScript } from '../../../wallets/test/nwc/scripted-wallet.js';
import { startTwo } from '../../../wallets/test/phoenixd/two-daemons.js';
import { leaveUnknown } from '../quoted-purchase.js';
import { runSatway } from '../run-satway.js';
import { readTold, type Told } from '../wallet-sandbox.js';

const HASH = 'ab'.repeat(32);
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function inStore<T>(use: (store: ReturnType<typeof openPurchaseStore>) => T): T {
  const store = openPurchaseStore({ path: join(home, 'purchases.db') });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

const leave = (walletId: string): string => inStore((store) => leaveUnknown(store, HASH, walletId));
const budget = () =>
  inStore((store) => {
    const { reservedMsat, spentMsat } = store.budgets.state('default');
    return { reservedMsat, spentMsat };
  });
const NO_WALLET = { LND_REST_HOST: '', LND_MACAROON: '', NWC_URI: '', PHOENIXD_URL: '', LNBITS_URL: '' };

const resolve = async (environment: Record<string, string>, ...args: string[]): Promise<Told> =>
  readTold(
    await runSatway(['wallet', 'resolve', '--json', ...args], { ...NO_WALLET, SATWAY_HOME: home, ...environment }),
  );
const decide = (environment: Record<string, string>, as: string, ...more: string[]): Promise<Told> =>
  resolve(environment, HASH, '--as', as, '--yes', HASH, ...more);

/** Booked as spent, and the journal says why nobody was asked. */
function mustBeSpent(told: Told, why: RegExp): void {
  expect(told.code).toBe(0);
  const purchases: unknown = told.events[0]?.['purchases'];
  expect(Array.isArray(purchases) ? purchases[0] : null).toMatchObject({
    state: 'failed',
    walletSays: null,
    decision: expect.stringMatching(why),
  });
  expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 6000 });
}

/** A connection over Nostr Wallet Connect that ends when it is told to. */
async function startConnection() {
  const connection = { ended: false };
  const answers = (method: string, body: Readonly<Record<string, unknown>>) =>
    ((_request, { answer }) =>
      answer(
        connection.ended ? refusal(method, 'UNAUTHORIZED', 'this connection has expired') : result(method, body),
      )) satisfies Parameters<typeof walletScript>[0][string];
  const methods = ['pay_invoice', 'lookup_invoice', 'get_balance', 'get_info'];
  const relay = await startScriptedRelay(
    walletScript({
      get_info: answers('get_info', { network: 'regtest', methods }),
      get_balance: answers('get_balance', { balance: 100_000 }),
      lookup_invoice: (_request, { answer }) =>
        answer(refusal('lookup_invoice', connection.ended ? 'UNAUTHORIZED' : 'NOT_FOUND')),
    }),
  );
  return { relay, end: () => (connection.ended = true), renew: () => (connection.ended = false) };
}

describe('a payment of unknown end whose wallet takes the credential no more', { timeout: 120_000 }, () => {
  it('can be booked as spent after its connection over Nostr Wallet Connect has ended, and never as failed', async () => {
    const { relay, end } = await startConnection();
    leave(`nwc:${relay.parties.wallet.pubkeyHex}:${relay.parties.client.pubkeyHex}`);
    end();
    const environment = { NWC_URI: relay.uri };
    const listed = await resolve(environment);
    expect(listed.code).toBe(0);
    expect(listed.events[0]?.['purchases']).toMatchObject([{ state: 'unknown', walletSays: null }]);
    const failed = await decide(environment, 'failed');
    expect(failed).toMatchObject({ code: 5, errors: [{ code: 'PURCHASE_NOT_DECIDABLE', fundsMoved: 'unknown' }] });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
    mustBeSpent(await decide(environment, 'settled-as-spent'), /may not look payments up.*expired/);
    await relay.close();
  });

  it('can be booked as spent with a new connection, once a person says that the old one is gone', async () => {
    const { relay } = await startConnection();
    leave(`nwc:${relay.parties.wallet.pubkeyHex}:${'02'.repeat(32)}`);
    const environment = { NWC_URI: relay.uri };
    expect(await decide(environment, 'settled-as-spent')).toMatchObject({ code: 5 });
    expect(await decide(environment, 'failed', '--wallet-gone')).toMatchObject({ code: 2 });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
    mustBeSpent(await decide(environment, 'settled-as-spent', '--wallet-gone'), /A person says .* gone/);
    await relay.close();
  });

  it('can be booked as spent after the password of its phoenixd was changed', async () => {
    const two = await startTwo();
    leave(two.payer.identity);
    const environment = { PHOENIXD_URL: two.buyer.url, PHOENIXD_PASSWORD: 'the-password-of-yesterday' };
    expect(await decide(environment, 'failed')).toMatchObject({ code: 5 });
    mustBeSpent(await decide(environment, 'settled-as-spent'), /may not look payments up/);
    await two.close();
  });

  it('can be booked as spent without any wallet, once a person says that it is gone', async () => {
    leave('nwc:gone:gone');
    expect(await decide({}, 'settled-as-spent')).toMatchObject({ code: 2 });
    mustBeSpent(await decide({}, 'settled-as-spent', '--wallet-gone'), /A person says .* gone/);
  });

  it('is asked of its own wallet, where that answers, whatever a person says', async () => {
    const { relay } = await startConnection();
    leave(`nwc:${relay.parties.wallet.pubkeyHex}:${relay.parties.client.pubkeyHex}`);
    const told = await decide({ NWC_URI: relay.uri }, 'settled-as-spent', '--wallet-gone');
    expect(told.events[0]?.['purchases']).toMatchObject([{ walletSays: 'notFound' }]);
    await relay.close();
  });
});
