import { execFileSync } from 'node:child_process';
import { SatwayError } from '@satway/base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientEvent, type Clock, L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { scriptedWallet } from '../support/wallets.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

/** Longer than anything else that a client waits for. */
const EVERY_MS = 1_000_000;

/** The machine's clock, on which a watch sleeps until the test wakes it. */
function createWatchClock(): Clock & { wakeWatch(): void } {
  let wake = (): void => undefined;
  return {
    nowMs: Date.now,
    sleep: (waitMs, signal) =>
      new Promise((resolve) => {
        if (waitMs > EVERY_MS / 2) wake = resolve;
        signal?.addEventListener('abort', () => resolve());
      }),
    wakeWatch: () => wake(),
  };
}

/** A client that watches, and a way to wait for what it tells. */
function watchingClient(options: Partial<L402ClientOptions> & Pick<L402ClientOptions, 'wallet'>) {
  const events: ClientEvent[] = [];
  const waiting = new Set<() => void>();
  const client = new L402Client({
    store: temporaryStore(),
    watch: { everyMs: EVERY_MS },
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  onTestFinished(() => client.close());
  const told = (type: ClientEvent['type'], times = 1): Promise<ClientEvent> =>
    new Promise((resolve) => {
      const look = () => {
        const event = events.filter((one) => one.type === type)[times - 1];
        if (event === undefined) return;
        waiting.delete(look);
        resolve(event);
      };
      waiting.add(look);
      look();
    });
  return { client, events, told };
}

describe('a client that watches its wallet', () => {
  it('tells among its events when a purchase took the balance below the mark', async () => {
    const lightning = openLightning(20_000);
    const seller = await startSeller({ issuer: lightning.issuer, priceMsat: 5000 });
    const clock = createWatchClock();
    const { client, events, told } = watchingClient({
      wallet: lightning.payer,
      watch: { balanceBelowSats: 16, everyMs: EVERY_MS },
      clock,
    });
    await told('wallet_read');
    expect(await client.tryFetch(`${seller.url}/item/1`)).toMatchObject({ ok: true, payment: { paidMsat: 5000 } });
    clock.wakeWatch();
    expect(await told('wallet_balance_low')).toMatchObject({
      wallet: lightning.payer.identity,
      balanceMsat: 15_000,
      markMsat: 16_000,
    });
    expect(events.filter(({ type }) => type === 'wallet_read')).toMatchObject([
      { balanceMsat: 20_000 },
      { balanceMsat: 15_000 },
    ]);
  });

  it('tells a listener of the wallet alone as well, and when the wallet is gone and back', async () => {
    let answers = false;
    const wallet = {
      ...scriptedWallet(),
      balance: async () => {
        if (!answers) throw new SatwayError('WALLET_UNREACHABLE');
        return { spendableMsat: 7 };
      },
    };
    const clock = createWatchClock();
    const ofWallet: string[] = [];
    const { told } = watchingClient({
      wallet,
      watch: {
        unreachableAfter: 1,
        onEvent: ({ type }) => {
          ofWallet.push(type);
          throw new SatwayError('INTERNAL');
        },
      },
      // The watch asks a wallet that failed again after ten seconds.
      clock: { ...clock, sleep: (waitMs, signal) => clock.sleep(waitMs < 12_000 ? EVERY_MS : waitMs, signal) },
    });
    expect(await told('wallet_unreachable')).toMatchObject({ code: 'WALLET_UNREACHABLE', wallet: 'wallet-a' });
    answers = true;
    // The watch goes to sleep only after it has told everything.
    await new Promise((resolve) => setImmediate(resolve));
    clock.wakeWatch();
    await told('wallet_back');
    expect(ofWallet).toEqual(['wallet_read_failed', 'wallet_unreachable', 'wallet_read', 'wallet_back']);
  });

  it('asks nothing after it was closed, and nothing at all when it was not told to watch', async () => {
    const asked = { watched: 0, unwatched: 0 };
    const wallet = (name: keyof typeof asked) => ({
      ...scriptedWallet(),
      balance: async () => {
        asked[name] += 1;
        return { spendableMsat: 7 };
      },
    });
    const clock = createWatchClock();
    const { client, told, events } = watchingClient({ wallet: wallet('watched'), clock });
    const unwatched = new L402Client({ wallet: wallet('unwatched'), store: temporaryStore() });
    await told('wallet_read');
    await Promise.all([client.close(), unwatched.close()]);
    clock.wakeWatch();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual({ watched: 1, unwatched: 0 });
    expect(events.map(({ type }) => type)).toEqual(['wallet_read']);
  });

  it.each([
    { balanceBelowSats: 0 },
    { balanceBelowSats: -1 },
    { balanceBelowSats: 1.5 },
    { balanceBelowSats: Number.NaN },
    { everyMs: 999 },
    { everyMs: Number.POSITIVE_INFINITY },
    { unreachableAfter: 0 },
  ])('refuses %j', (watch) => {
    const refused = expect.objectContaining({ code: 'CLIENT_OPTIONS_INVALID', fundsMoved: 'no' }) as Error;
    expect(() => watchingClient({ wallet: scriptedWallet(), watch })).toThrow(refused);
  });

  it('takes the largest balance that can be written', async () => {
    const { told } = watchingClient({
      wallet: scriptedWallet(),
      watch: { balanceBelowSats: 9_007_199_254_740, everyMs: 1000 },
    });
    expect(await told('wallet_balance_low')).toMatchObject({ markMsat: 9_007_199_254_740_000 });
  });

  it('keeps no process from ending, also when nobody closes it', () => {
    const door = new URL('../../dist/index.js', import.meta.url).href;
    const program = `
      import { L402Client, openPurchaseStore } from ${JSON.stringify(door)};
      const wallet = { identity: 'w', network: 'regtest', balance: async () => ({ spendableMsat: 1 }) };
      const onEvent = ({ type }) => process.stdout.write(type);
      new L402Client({ wallet, store: openPurchaseStore({ path: process.argv.at(-1) }), watch: {}, onEvent });
    `;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', program, '--', temporaryStorePath()], {
      encoding: 'utf8',
    });
    expect(told).toBe('wallet_read');
  });
});
