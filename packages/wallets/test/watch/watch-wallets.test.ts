import { SatwayError } from '@satway/base';
import { type WalletWatchEvent, watchWallets, type WatchOptions } from '@satway/wallets/watch';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createManualWatchClock, settle } from './manual-watch-clock.js';

const unreachable = (): never => {
  throw new SatwayError('WALLET_UNREACHABLE');
};
const denied = (): never => {
  throw new SatwayError('WALLET_PERMISSION_DENIED', { facts: { missingPermission: 'balance' } });
};
/** The credential itself is not taken any more. */
const refused = (): never => {
  throw new SatwayError('WALLET_PERMISSION_DENIED');
};

/** One purse whose answer is set from test to test, and everything that its watch tells. */
function watchPurse(options: Partial<WatchOptions> & { mark?: number } = {}) {
  const clock = createManualWatchClock();
  const events: WalletWatchEvent[] = [];
  const purse = { balanceMsat: (): number | Promise<number> => 50_000, asked: 0 };
  const wallet = {
    balance: async () => {
      purse.asked += 1;
      return { spendableMsat: await purse.balanceMsat() };
    },
  };
  const { mark = 10_000, ...rest } = options;
  const watch = watchWallets({
    wallets: [{ name: 'purse', wallet, balanceBelowMsat: mark }],
    onEvent: (event) => events.push(event),
    clock,
    random: () => 0.5,
    ...rest,
  });
  onTestFinished(() => watch.stop());
  /** The next look-up, in whatever time it comes. */
  const look = (balanceMsat: () => number | Promise<number>) => {
    purse.balanceMsat = balanceMsat;
    return clock.advance(60_000);
  };
  const told = () => events.map(({ type }) => type);
  const news = () => told().filter((type) => type !== 'wallet_read' && type !== 'wallet_read_failed');
  return { clock, events, purse, watch, look, told, news };
}

describe('a watch on a balance', () => {
  it('tells once when it falls below the mark, and once when it is a tenth above it again', async () => {
    const { events, look, news } = watchPurse();
    await settle();
    const told: Record<number, string[]> = {};
    for (const balanceMsat of [10_000, 9_999, 9_000, 10_000, 10_999, 11_000, 10_000, 9_999]) {
      const before = news().length;
      await look(() => balanceMsat);
      (told[balanceMsat] ??= []).push(news().slice(before).join());
    }
    expect(told).toEqual({
      10_000: ['', '', ''],
      9_999: ['wallet_balance_low', 'wallet_balance_low'],
      9_000: [''],
      10_999: [''],
      11_000: ['wallet_balance_ok'],
    });
    const low = events.find(({ type }) => type === 'wallet_balance_low');
    expect(low).toEqual({
      type: 'wallet_balance_low',
      wallet: 'purse',
      atMs: expect.any(Number) as number,
      balanceMsat: 9_999,
      markMsat: 10_000,
    });
  });

  it('can be cleared whatever the mark is', async () => {
    const { look, news } = watchPurse({ mark: Number.MAX_SAFE_INTEGER });
    await settle();
    await look(() => Number.MAX_SAFE_INTEGER);
    expect(news()).toEqual(['wallet_balance_low', 'wallet_balance_ok']);
  });

  it('tells of one that is low from the start at once', async () => {
    const { purse, news, watch } = watchPurse({ mark: 60_000 });
    await settle();
    expect([purse.asked, news()]).toEqual([1, ['wallet_balance_low']]);
    expect(watch.states()).toMatchObject([
      { wallet: 'purse', reachable: true, balanceMsat: 50_000, inboundMsat: null, balanceLow: true, inboundLow: false },
    ]);
  });

  it('tells every figure, for whoever draws it', async () => {
    const { events, look } = watchPurse();
    await settle();
    await look(() => 7);
    expect(events.filter(({ type }) => type === 'wallet_read')).toMatchObject([
      { balanceMsat: 50_000, inboundMsat: null },
      { balanceMsat: 7, inboundMsat: null },
    ]);
  });

  it('never tells low or recovered twice in a row, whatever the balance does', async () => {
    const balances = fc.array(fc.integer({ min: 9_000, max: 12_000 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(balances, async (series) => {
        const { look, news, watch } = watchPurse();
        for (const balanceMsat of series) await look(() => balanceMsat);
        watch.stop();
        const crossings = news();
        const alternating = crossings.map((_, at) => (at % 2 === 0 ? 'wallet_balance_low' : 'wallet_balance_ok'));
        expect(crossings).toEqual(alternating);
      }),
      { numRuns: 50 },
    );
  });

  it('says that it cannot tell where a mark is set and the credential may not ask, once', async () => {
    const { look, news, events, watch } = watchPurse();
    await settle();
    await look(denied);
    await look(denied);
    expect(news()).toEqual(['wallet_unmeasured']);
    expect(events.at(-2)).toMatchObject({ type: 'wallet_unmeasured', figure: 'balance', markMsat: 10_000 });
    expect(watch.states()).toMatchObject([{ reachable: true, failures: 0, balanceMsat: null }]);
    await look(() => 50_000);
    await look(denied);
    expect(news()).toEqual(['wallet_unmeasured', 'wallet_unmeasured']);
  });
});

describe('a watch on a wallet that does not take its credential any more', () => {
  it('tells so, with or without a mark, and when it takes it again', async () => {
    const { events, look, news, watch } = watchPurse();
    await settle();
    await look(refused);
    expect(events.at(-1)).toMatchObject({ type: 'wallet_read_failed', code: 'WALLET_PERMISSION_DENIED', failures: 1 });
    for (let time = 0; time < 3; time += 1) await look(refused);
    expect(news()).toEqual(['wallet_unreachable']);
    expect(events.find(({ type }) => type === 'wallet_unreachable')).toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
    });
    expect(watch.states()).toMatchObject([{ reachable: false, balanceMsat: 50_000 }]);
    await look(() => 50_000);
    expect(news()).toEqual(['wallet_unreachable', 'wallet_back']);
  });
});

describe('a watch on a wallet that does not answer', () => {
  it('tells after three failures in a row and not before, and when it is back', async () => {
    const { clock, events, look, told, news, watch } = watchPurse();
    await settle();
    await look(unreachable);
    await look(unreachable);
    await look(() => 50_000);
    expect(news(), 'two failures are none').toEqual([]);
    const sinceMs = clock.nowMs() + 60_000;
    for (let time = 0; time < 5; time += 1) await look(unreachable);
    expect(news()).toEqual(['wallet_unreachable']);
    expect(events.find(({ type }) => type === 'wallet_unreachable')).toMatchObject({
      code: 'WALLET_UNREACHABLE',
      failures: 3,
      sinceMs,
    });
    expect(watch.states()).toMatchObject([{ reachable: false, failures: 5, balanceMsat: 50_000 }]);
    await look(() => 50_000);
    expect(told().slice(-2)).toEqual(['wallet_read', 'wallet_back']);
    expect(events.at(-1)).toMatchObject({ type: 'wallet_back', downForMs: 5 * 60_000 });
    expect(watch.states()).toMatchObject([{ reachable: true, failures: 0 }]);
  });

  it('keeps what it knew of the balance: no alarm and no all-clear comes from silence', async () => {
    const { look, news } = watchPurse();
    await settle();
    await look(() => 5_000);
    for (let time = 0; time < 3; time += 1) await look(unreachable);
    await look(() => 5_000);
    expect(news()).toEqual(['wallet_balance_low', 'wallet_unreachable', 'wallet_back']);
  });

  it('counts an error that is not one of ours as a failure too', async () => {
    const { look, events } = watchPurse({ unreachableAfter: 1 });
    await settle();
    await look(() => {
      throw new TypeError('broken adapter');
    });
    expect(events.at(-1)).toMatchObject({ type: 'wallet_unreachable', code: 'INTERNAL', failures: 1 });
  });

  it('asks sooner while it fails, and in its usual time afterwards', async () => {
    const { clock, look } = watchPurse({ everyMs: 60_000, retryEveryMs: 7_000 });
    await settle();
    expect(clock.sleepers()).toEqual([60_000]);
    await look(unreachable);
    expect(clock.sleepers()).toEqual([7_000]);
    await look(() => 50_000);
    expect(clock.sleepers()).toEqual([60_000]);
  });

  it('has at most one look-up under way, and takes a late answer for the answer', async () => {
    const { clock, purse, told, watch } = watchPurse({ lookUpTimeoutMs: 5_000, unreachableAfter: 2 });
    await settle();
    let answer: (balanceMsat: number) => void = () => undefined;
    purse.balanceMsat = () => new Promise((resolve) => (answer = resolve));
    await clock.advance(60_000);
    for (const passedMs of [5_000, 10_000, 5_000, 10_000]) await clock.advance(passedMs);
    expect(told().slice(-2), 'a look-up over its time has failed').toEqual([
      'wallet_read_failed',
      'wallet_unreachable',
    ]);
    expect(purse.asked, 'the first, and the one that hangs').toBe(2);
    answer(40_000);
    await settle();
    expect(told().slice(-2)).toEqual(['wallet_read', 'wallet_back']);
    expect(watch.states()).toMatchObject([{ reachable: true, balanceMsat: 40_000 }]);
    expect(purse.asked).toBe(2);
  });

  it('shares one look-up among all who want one now', async () => {
    const { purse, watch } = watchPurse();
    await Promise.all([watch.checkNow(), watch.checkNow(), settle()]);
    expect(purse.asked).toBe(1);
  });
});

describe('the time between two look-ups', () => {
  it('varies by a tenth either way', async () => {
    const waits = [0, 0.5, 0.999_999].map(async (share) => {
      const { clock } = watchPurse({ everyMs: 100_000, random: () => share });
      await settle();
      return clock.sleepers()[0];
    });
    expect(await Promise.all(waits)).toEqual([90_000, 100_000, 110_000]);
  });
});

describe('a watch on wallets that receive', () => {
  const receiver = (inboundMsat: () => number | null) => {
    const lookedUp: string[] = [];
    const wallet = {
      receivableMsat: async () => inboundMsat(),
      lookUp: async (paymentHashHex: string) => {
        lookedUp.push(paymentHashHex);
        return { state: 'notFound' } as const;
      },
    };
    return { wallet, lookedUp };
  };

  it('tells of inbound capacity below its mark, each wallet by its name', async () => {
    const events: WalletWatchEvent[] = [];
    const clock = createManualWatchClock();
    let inboundMsat = 1_000;
    const wallets = [
      { name: 'dry', wallet: receiver(() => inboundMsat).wallet, inboundBelowMsat: 2_000 },
      { name: 'wet', wallet: receiver(() => 9_000).wallet, inboundBelowMsat: 2_000 },
    ];
    const watch = watchWallets({ wallets, onEvent: (event) => events.push(event), clock });
    await settle();
    inboundMsat = 2_200;
    await watch.checkNow();
    watch.stop();
    expect(events.filter(({ type }) => type !== 'wallet_read')).toMatchObject([
      { wallet: 'dry', type: 'wallet_inbound_low', inboundMsat: 1_000, markMsat: 2_000 },
      { wallet: 'dry', type: 'wallet_inbound_ok', inboundMsat: 2_200, markMsat: 2_000 },
    ]);
  });

  it('asks one that tells no bound for an invoice of nobody’s, to learn whether it answers', async () => {
    const { wallet, lookedUp } = receiver(() => null);
    const watch = watchWallets({ wallets: [{ name: 'till', wallet }], onEvent: () => undefined });
    await watch.checkNow();
    watch.stop();
    expect(lookedUp).toEqual(['0'.repeat(64)]);
    expect(watch.states()).toMatchObject([{ reachable: true, inboundMsat: null }]);
  });

  it('calls one unreachable that may not even look invoices up', async () => {
    const events: WalletWatchEvent[] = [];
    const wallet = { receivableMsat: async () => null, lookUp: async () => denied() };
    const watch = watchWallets({
      wallets: [{ name: 'till', wallet }],
      onEvent: (event) => events.push(event),
      unreachableAfter: 1,
    });
    await watch.checkNow();
    watch.stop();
    expect(events.at(-1)).toMatchObject({ type: 'wallet_unreachable', code: 'WALLET_PERMISSION_DENIED' });
  });
});

describe('a running watch', () => {
  it('goes on whatever its listener throws, at once or later', async () => {
    let told = 0;
    const { clock, purse } = watchPurse({
      onEvent: (): unknown => {
        told += 1;
        if (told % 2 === 0) throw new SatwayError('INTERNAL');
        return Promise.reject(new SatwayError('INTERNAL'));
      },
    });
    await settle();
    for (let time = 0; time < 3; time += 1) await clock.advance(60_000);
    expect([purse.asked, told]).toEqual([4, 4]);
  });

  it('tells nothing after it was stopped, not even what it had asked before, and asks nothing more', async () => {
    const { clock, events, purse, watch } = watchPurse();
    await settle();
    let answer: (balanceMsat: number) => void = () => undefined;
    purse.balanceMsat = () => new Promise((resolve) => (answer = resolve));
    const checked = watch.checkNow();
    const before = events.length;
    watch.stop();
    watch.stop();
    answer(1);
    await checked;
    await clock.advance(600_000);
    expect([events.length, purse.asked, clock.sleepers()]).toEqual([before, 2, []]);
  });

  it('leaves nothing behind when it is stopped while a wallet does not answer', async () => {
    const { clock, purse, watch } = watchPurse();
    await settle();
    purse.balanceMsat = () => new Promise(() => undefined);
    const checked = watch.checkNow();
    watch.stop();
    await checked;
    expect(clock.sleepers()).toEqual([]);
  });

  it('tells no more of a look-up whose first event made its listener stop it', async () => {
    const told: string[] = [];
    const watch = watchWallets({
      wallets: [{ name: 'purse', wallet: { balance: async () => ({ spendableMsat: 1 }) }, balanceBelowMsat: 2 }],
      onEvent: ({ type }) => {
        told.push(type);
        watch.stop();
      },
    });
    await watch.checkNow();
    expect(told).toEqual(['wallet_read']);
  });

  it('refuses marks and times by which it could never tell', () => {
    const refused = expect.objectContaining({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' }) as Error;
    for (const mark of [Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY, '10' as never]) {
      expect(() => watchPurse({ mark })).toThrow(refused);
    }
    for (const times of [{ everyMs: 999 }, { everyMs: 2 ** 31 }, { retryEveryMs: 70_000 }, { unreachableAfter: 0 }]) {
      expect(() => watchPurse(times)).toThrow(refused);
    }
    expect(() => watchPurse({ lookUpTimeoutMs: Number.NaN })).toThrow(refused);
  });
});
