import { SatwayError } from '@satway/base';
import type { WalletInspection } from '@satway/wallets';
import { expect, it } from 'vitest';
import { describeExcess, describePowersOf } from '../../src/wallet/excess-powers.js';

const settings = (macaroonHex: string) => ({ kind: 'lnd', url: 'https://node:8080', macaroonHex }) as const;

it('a macaroon that does not show what it allows is not taken for a small one', () => {
  expect(describeExcess(settings('00ff'))).toEqual([expect.stringContaining('cannot be read from it')]);
});

it('one that is none at all is left to the wallet, and other kinds are too', () => {
  expect(describeExcess(settings(''))).toEqual([]);
  expect(describeExcess({ kind: 'phoenixd', url: 'http://127.0.0.1:9740', password: 'x' })).toEqual([]);
});

/** A connection as the wallet behind it tells of it. */
function connection(pay: readonly string[] | null): { kind: 'nwc'; inspect: () => Promise<WalletInspection> } {
  const can = { pay: true, createInvoice: false, read: true, administer: false };
  const howToNarrow = { pay: 'Make one with a budget.', receive: '', read: '' };
  const inspect = async () =>
    ({ kind: 'nwc', network: null, can, excess: { pay, receive: [], read: [] }, howToNarrow }) as const;
  return { kind: 'nwc', inspect };
}

it('an NWC connection that can do more than pay within a budget is named, with how to make the right one', async () => {
  expect(await describePowersOf(connection(['make_invoice', 'pay_invoice without a budget']))).toEqual([
    'this connection can do more than it should to pay (make_invoice, pay_invoice without a budget). Make one with a budget.',
  ]);
  expect(await describePowersOf(connection([]))).toEqual([]);
});

it('an NWC connection that does not tell holds nobody up, and says so', async () => {
  const unclear = 'what this connection allows could not be found out; “satway doctor” asks again.';
  expect(await describePowersOf(connection(null))).toEqual([unclear]);
  const failing = { kind: 'nwc', inspect: () => Promise.reject(new SatwayError('WALLET_TIMEOUT')) } as const;
  expect(await describePowersOf(failing)).toEqual([unclear]);
  const silent = { kind: 'nwc', inspect: () => new Promise<WalletInspection>(() => undefined) } as const;
  expect(await describePowersOf(silent, 1)).toEqual([unclear]);
});

it('a phoenixd that pays is said to be able to do more, since it has no smaller password; nothing is asked', async () => {
  const phoenixd = { kind: 'phoenixd', inspect: () => expect.fail('it was asked') } as const;
  expect(await describePowersOf(phoenixd)).toEqual([
    expect.stringMatching(/sendtoaddress, closechannel.*no password that only pays.*nothing in it that you would miss/),
  ]);
});

it('the admin key of an LNbits is said to be bounded by nothing, since there is no smaller one that pays; nothing is asked', async () => {
  const lnbits = { kind: 'lnbits', inspect: () => expect.fail('it was asked') } as const;
  expect(await describePowersOf(lnbits)).toEqual([
    expect.stringMatching(
      /admin key.*no smaller key that pays: keep a wallet of its own.*nothing in it that you would miss/,
    ),
  ]);
});
