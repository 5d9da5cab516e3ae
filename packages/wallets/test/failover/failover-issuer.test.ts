import type { ErrorCode } from '@satway/base';
import type { PayingWallet, ReceivingWallet, SettledNotice } from '@satway/wallets';
import * as failover from '@satway/wallets/failover';
import { createFailoverIssuer, type WalletSwitch } from '@satway/wallets/failover';
import { afterAll, afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { closeSandbox, payFromSandbox, type ScriptedWallet, scriptedWallet } from './scripted-wallet.js';

let first: ScriptedWallet;
let second: ScriptedWallet;
let third: ScriptedWallet;
let switches: WalletSwitch[];
let issuer: ReceivingWallet;
beforeEach(() => {
  // The breaker reads the clock; nothing else needs a timer.
  vi.useFakeTimers({ toFake: ['Date'] });
  [first, second, third] = [scriptedWallet(), scriptedWallet(), scriptedWallet()];
  switches = [];
  issuer = createFailoverIssuer([first, second, third], {
    halfOpenAfterMs: 10_000,
    onSwitch: (event) => void switches.push(event),
  });
});
afterEach(() => vi.useRealTimers());
afterAll(closeSandbox);

const create = (from = issuer) => from.create({ amountMsat: 2000, description: 'one call', expirySeconds: 600 });
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const counts = () => [first, second, third].map(({ created }) => created.length);
const FAILURES: readonly ErrorCode[] = [
  'WALLET_UNREACHABLE',
  'WALLET_TIMEOUT',
  'WALLET_TLS_MISMATCH',
  'WALLET_ANSWER_INVALID',
  'WALLET_CLOCK_OFF',
  'WALLET_PERMISSION_DENIED',
];

describe('an issuer made of several wallets', () => {
  it('issues with the first while that works', async () => {
    await create();
    await create();
    expect(counts()).toEqual([2, 0, 0]);
    expect(switches).toEqual([]);
  });

  it.each(FAILURES)('goes to the next for %s, within the same call, and tells so', async (code) => {
    first.failsWith = code;
    expect((await create()).amountMsat).toBe(2000);
    expect(counts()).toEqual([0, 1, 0]);
    expect(switches).toEqual([{ from: 0, to: 1, code }]);
  });

  it('asks the next after a refusal as well, and the first again in the next call', async () => {
    first.failsWith = 'WALLET_REFUSED';
    for (let call = 0; call < 10; call += 1) await create();
    expect(first.asked).toBe(10);
    expect(counts()).toEqual([0, 10, 0]);
    first.failsWith = null;
    await create();
    expect(counts()).toEqual([1, 10, 0]);
  });

  it('throws the refusal of the first where all refuse', async () => {
    for (const wallet of [first, second, third]) wallet.failsWith = 'WALLET_REFUSED';
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    expect([first, second, third].map(({ asked }) => asked)).toEqual([1, 1, 1]);
  });

  it.each(['WALLET_NETWORK_MISMATCH', 'WALLET_NOT_CONFIGURED'] as const)(
    'throws %s, which no other wallet can mend, and goes on with the same one',
    async (code) => {
      first.failsWith = code;
      await expect(create()).rejects.toMatchObject({ code });
      first.failsWith = null;
      await create();
      expect(counts()).toEqual([1, 0, 0]);
      expect(switches).toEqual([]);
    },
  );

  it('leaves a failing wallet alone until its pause is over, and then takes it back', async () => {
    first.failsWith = 'WALLET_UNREACHABLE';
    await create();
    expect(first.asked).toBe(1);
    first.failsWith = null;
    pass(9_999);
    await create();
    expect(first.asked).toBe(1);
    pass(1);
    await create();
    await create();
    expect(counts()).toEqual([2, 2, 0]);
    expect(switches).toEqual([
      { from: 0, to: 1, code: 'WALLET_UNREACHABLE' },
      { from: 1, to: 0, code: null },
    ]);
  });

  it('asks a wallet that flaps once for each pause, and serves every caller meanwhile', async () => {
    for (let round = 0; round < 5; round += 1) {
      first.failsWith = 'WALLET_TIMEOUT';
      for (let call = 0; call < 4; call += 1) await create();
      expect(first.asked).toBe(2 * round + 1);
      first.failsWith = null;
      pass(10_000);
      await create();
    }
    expect(counts()).toEqual([5, 20, 0]);
    expect(switches).toHaveLength(10);
  });

  it('stays with the next one when the trial fails, for another pause', async () => {
    first.failsWith = 'WALLET_UNREACHABLE';
    await create();
    pass(10_000);
    await create();
    await create();
    expect(first.asked).toBe(2);
    expect(counts()).toEqual([0, 3, 0]);
    expect(switches).toHaveLength(1);
  });

  it('lets nobody wait for a trial who can be served by another wallet', async () => {
    first.failsWith = 'WALLET_UNREACHABLE';
    await create();
    first.failsWith = null;
    pass(10_000);
    let open = (): void => undefined;
    first.gate = new Promise((resolve) => (open = resolve));
    const trial = create();
    await create();
    expect(counts()).toEqual([0, 2, 0]);
    open();
    await trial;
    expect(counts()).toEqual([1, 2, 0]);
  });

  it('waits for the trial where no other wallet works', async () => {
    for (const wallet of [first, second, third]) wallet.failsWith = 'WALLET_UNREACHABLE';
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    first.failsWith = null;
    pass(10_000);
    let open = (): void => undefined;
    first.gate = new Promise((resolve) => (open = resolve));
    const trials = [create(), create()];
    open();
    expect(await Promise.all(trials)).toHaveLength(2);
    expect(counts()).toEqual([2, 0, 0]);
  });

  it('opens a breaker after as many failures in a row as it is told', async () => {
    const patient = createFailoverIssuer([first, second], { failuresToOpen: 3 });
    first.failsWith = 'WALLET_TIMEOUT';
    for (let call = 0; call < 5; call += 1) await create(patient);
    expect(first.asked).toBe(3);
    expect(counts()).toEqual([0, 5, 0]);
  });

  it('throws the first wallet’s error when all are down, then too when nobody is asked', async () => {
    first.failsWith = 'WALLET_TLS_MISMATCH';
    second.failsWith = 'WALLET_TIMEOUT';
    third.failsWith = 'WALLET_UNREACHABLE';
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_TLS_MISMATCH', fundsMoved: 'no' });
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_TLS_MISMATCH' });
    expect([first, second, third].map(({ asked }) => asked)).toEqual([1, 1, 1]);
    pass(10_000);
    third.failsWith = null;
    await create();
    expect(switches).toEqual([{ from: 0, to: 2, code: 'WALLET_TLS_MISMATCH' }]);
  });

  it('does not care what its listener throws', async () => {
    const issuerOfTwo = createFailoverIssuer([first, second], {
      onSwitch: () => {
        throw new TypeError('a log that is full');
      },
    });
    first.failsWith = 'WALLET_TIMEOUT';
    expect((await create(issuerOfTwo)).amountMsat).toBe(2000);
  });

  it('does not take a wallet as back because of an answer that was on its way when it began to fail', async () => {
    let open = (): void => undefined;
    first.gate = new Promise((resolve) => (open = resolve));
    const slow = create();
    first.gate = Promise.resolve();
    first.failsWith = 'WALLET_TIMEOUT';
    await create();
    first.failsWith = null;
    open();
    await slow;
    expect(switches).toEqual([{ from: 0, to: 1, code: 'WALLET_TIMEOUT' }]);
  });

  it('leaves a wallet that gives a payment hash again for the next, and throws where all do', async () => {
    const issued = await create();
    first.create = async () => issued;
    for (let call = 0; call < 3; call += 1) expect((await create()).paymentHashHex).not.toBe(issued.paymentHashHex);
    expect(counts()).toEqual([1, 3, 0]);
    expect(switches).toEqual([{ from: 0, to: 1, code: 'WALLET_ANSWER_INVALID' }]);
    const alone = createFailoverIssuer([first]);
    await create(alone);
    await expect(create(alone)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it('hands out an invoice once, though two callers get it at the same moment', async () => {
    const issued = await create();
    const fresh = createFailoverIssuer([Object.assign(scriptedWallet(), { create: async () => issued })]);
    const outcomes = await Promise.allSettled([create(fresh), create(fresh)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a wallet whose clock is off', () => {
  /** Its invoices are dated so much later than they are made. */
  function setAhead(wallet: ScriptedWallet, aheadMs: number): void {
    const rightly = wallet.create.bind(wallet);
    wallet.create = async (request) => {
      const issued = await rightly(request);
      return { ...issued, createdAtMs: issued.createdAtMs + aheadMs, expiresAtMs: issued.expiresAtMs + aheadMs };
    };
  }

  it.each([
    ['an hour behind', -3_600_000, 'dated 3600 s before this machine'],
    ['so far behind that ten seconds are left', -591_000, 'dated 591 s before this machine'],
    ['an hour ahead', 3_600_000, 'dated 3600 s after this machine'],
    ['over five minutes ahead', 302_000, 'dated 302 s after this machine'],
  ])('%s is left for the next, with an error that names the clock', async (_, aheadMs, words) => {
    vi.setSystemTime(1_800_000_000_000);
    setAhead(first, aheadMs);
    const failures: unknown[] = [];
    const pair = createFailoverIssuer([first, second], { onSwitch: (_event, failure) => void failures.push(failure) });
    for (let call = 0; call < 3; call += 1) await create(pair);
    expect(counts()).toEqual([1, 3, 0]);
    const named = { code: 'WALLET_CLOCK_OFF', fundsMoved: 'no', detail: expect.stringContaining(words) as unknown };
    expect(failures).toEqual([expect.objectContaining(named)]);
    await expect(create(createFailoverIssuer([first]))).rejects.toMatchObject(named);
  });

  it.each([
    ['some minutes behind', -300_000],
    ['some minutes ahead', 300_000],
  ])('%s sells all the same', async (_, aheadMs) => {
    setAhead(first, aheadMs);
    await create();
    expect(counts()).toEqual([1, 0, 0]);
  });

  it('by seconds only is asked first again, though an invoice that was to last a moment came from the next', async () => {
    setAhead(first, -10_000);
    const brief = { amountMsat: 2000, description: 'one call', expirySeconds: 5 };
    await issuer.create(brief);
    expect(switches).toEqual([{ from: 0, to: 1, code: 'INVOICE_NOT_AS_ASKED' }]);
    await create();
    expect(counts()).toEqual([2, 1, 0]);
  });

  it('is judged by the clock that is given', async () => {
    const late = createFailoverIssuer([first], { clock: () => Date.now() + 3_600_000 });
    await expect(create(late)).rejects.toMatchObject({ code: 'WALLET_CLOCK_OFF' });
  });
});

describe('a wallet that gives another expiry than it is asked for', () => {
  const setExpiry = (wallet: ScriptedWallet, expirySeconds: number): void => {
    const rightly = wallet.create.bind(wallet);
    wallet.create = (request) => rightly({ ...request, expirySeconds });
  };

  it.each([60, 3_600, 7 * 86_400])('sells with %i seconds, too', async (expirySeconds) => {
    setExpiry(first, expirySeconds);
    await create();
    expect(counts()).toEqual([1, 0, 0]);
  });

  it('is left for the next where no credential could live so long', async () => {
    setExpiry(first, 21 * 86_400);
    await create();
    expect(switches).toEqual([{ from: 0, to: 1, code: 'WALLET_ANSWER_INVALID' }]);
  });

  it('gives what it is asked for, however long that is', async () => {
    const issued = await issuer.create({ amountMsat: 2000, description: 'one call', expirySeconds: 30 * 86_400 });
    expect(issued.expiresAtMs - issued.createdAtMs).toBe(30 * 86_400_000);
  });

  it('may leave a moment where no more was asked for', async () => {
    expect(await issuer.create({ amountMsat: 2000, description: 'one call', expirySeconds: 3 })).toMatchObject({});
    expect(counts()).toEqual([1, 0, 0]);
  });
});

describe('looking an invoice up', () => {
  it('asks its issuer, and nobody else, whatever has happened since', async () => {
    const one = await create();
    first.failsWith = 'WALLET_TIMEOUT';
    const other = await create();
    first.failsWith = null;
    expect(await issuer.lookUp(one.paymentHashHex)).toMatchObject({ state: 'open' });
    expect(await issuer.lookUp(other.paymentHashHex)).toMatchObject({ state: 'open' });
    expect([first, second, third].map(({ lookedUp }) => lookedUp)).toEqual([
      [one.paymentHashHex],
      [other.paymentHashHex],
      [],
    ]);
  });

  it('throws the issuer’s error while another wallet could be asked', async () => {
    const { paymentHashHex } = await create();
    first.failsWith = 'WALLET_UNREACHABLE';
    await expect(issuer.lookUp(paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    expect(second.asked).toBe(0);
  });

  describe('after a restart', () => {
    const restarted = () => createFailoverIssuer([first, second, third]);

    it('asks all wallets, and remembers who knew it', async () => {
      first.failsWith = 'WALLET_TIMEOUT';
      const { paymentHashHex } = await create();
      first.failsWith = null;
      const again = restarted();
      expect(await again.lookUp(paymentHashHex)).toMatchObject({ state: 'open' });
      expect(await again.lookUp(paymentHashHex)).toMatchObject({ state: 'open' });
      expect([first, second, third].map(({ lookedUp }) => lookedUp.length)).toEqual([1, 2, 1]);
    });

    it('knows a payment from any of them, though others are down', async () => {
      const issued = await create();
      payFromSandbox(issued.invoice);
      second.failsWith = 'WALLET_TIMEOUT';
      third.failsWith = 'WALLET_REFUSED';
      expect(await restarted().lookUp(issued.paymentHashHex)).toMatchObject({ state: 'settled' });
    });

    it('never says that a hash is unknown, or open, while one of them is down', async () => {
      const { paymentHashHex } = await create();
      second.failsWith = 'WALLET_TIMEOUT';
      third.failsWith = 'WALLET_UNREACHABLE';
      await expect(restarted().lookUp(paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
      await expect(restarted().lookUp('ab'.repeat(32))).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
      second.failsWith = null;
      third.failsWith = null;
      expect(await restarted().lookUp('ab'.repeat(32))).toEqual({ state: 'notFound' });
    });

    it('tells what is furthest along where two wallets know a hash, and goes on asking both', async () => {
      const { paymentHashHex, expiresAtMs } = await create();
      const again = restarted();
      third.lookUp = async () => ({ state: 'closed' });
      expect(await again.lookUp(paymentHashHex)).toEqual({ state: 'open', expiresAtMs });
      third.lookUp = async () => ({ state: 'held' });
      expect(await again.lookUp(paymentHashHex)).toEqual({ state: 'held' });
      const settled = { state: 'settled', amountReceivedMsat: 2000, settledAtMs: null } as const;
      third.lookUp = async () => settled;
      expect(await again.lookUp(paymentHashHex)).toEqual(settled);
    });
  });

  it('remembers the issuers of the last 10,000 invoices', async () => {
    const remembered = await create();
    const quick = scriptedWallet();
    const template = await quick.create({ amountMsat: 1000, description: '', expirySeconds: 60 });
    let made = 0;
    quick.create = async () => ({ ...template, paymentHashHex: (made += 1).toString(16).padStart(64, '0') });
    const many = createFailoverIssuer([first, quick]);
    await create(many);
    const [ownHash = ''] = first.created.slice(-1);
    first.failsWith = 'WALLET_TIMEOUT';
    for (let call = 0; call < 9_999; call += 1) await create(many);
    first.failsWith = null;
    await many.lookUp(ownHash);
    expect(quick.lookedUp).toEqual([]);
    first.failsWith = 'WALLET_TIMEOUT';
    await create(many);
    first.failsWith = null;
    await many.lookUp(ownHash);
    expect(quick.lookedUp).toEqual([ownHash]);
    expect(remembered.paymentHashHex).not.toBe(ownHash);
  });
});

describe('what several wallets say together', () => {
  it('is that a preimage is proof only where it is so with all of them', () => {
    expect(issuer.preimageIsProof).toBe(true);
    expect(createFailoverIssuer([first, scriptedWallet({ preimageIsProof: false })]).preimageIsProof).toBe(false);
  });

  it('is one network, and two are a mistake that no failover covers up', async () => {
    const onRegtest = scriptedWallet({ network: 'regtest' });
    const onMainnet = scriptedWallet({ network: 'bitcoin' });
    expect(() => createFailoverIssuer([onRegtest, onMainnet])).toThrow(
      expect.objectContaining({ code: 'WALLET_NETWORK_MISMATCH' }) as Error,
    );
    expect(createFailoverIssuer([first, onMainnet]).network).toBe('bitcoin');
    const tellsLate = scriptedWallet();
    const late = createFailoverIssuer([onRegtest, tellsLate]);
    await create(late);
    onRegtest.failsWith = 'WALLET_TIMEOUT';
    Object.assign(tellsLate, { network: 'bitcoin' });
    await expect(create(late)).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
    onRegtest.failsWith = null;
    pass(10_000);
    expect((await create(late)).amountMsat).toBe(2000);
    expect(late.network).toBe('regtest');
  });

  it('is news of settlements where all of them tell, until told to stop', () => {
    const heard: SettledNotice[] = [];
    const stop = issuer.onSettled?.((notice) => void heard.push(notice));
    first.settle({ paymentHashHex: 'aa', amountReceivedMsat: 1 });
    third.settle({ paymentHashHex: 'bb', amountReceivedMsat: 2 });
    stop?.();
    second.settle({ paymentHashHex: 'cc', amountReceivedMsat: 3 });
    expect(heard.map(({ paymentHashHex }) => paymentHashHex)).toEqual(['aa', 'bb']);
    const silent = scriptedWallet();
    delete silent.onSettled;
    expect('onSettled' in createFailoverIssuer([first, silent])).toBe(false);
  });

  it('is what the wallet that would issue now can receive', async () => {
    first.receivableMsat = async () => 1000;
    second.receivableMsat = async () => 2000;
    expect(await issuer.receivableMsat()).toBe(1000);
    first.failsWith = 'WALLET_TIMEOUT';
    await create();
    expect(await issuer.receivableMsat()).toBe(2000);
    second.receivableMsat = async () => null;
    expect(await issuer.receivableMsat()).toBe(null);
  });

  it('is an error where none can be asked what it can receive', async () => {
    for (const wallet of [first, second, third]) wallet.failsWith = 'WALLET_UNREACHABLE';
    await expect(issuer.receivableMsat()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    first.failsWith = 'WALLET_REFUSED';
    second.failsWith = null;
    await expect(issuer.receivableMsat()).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
  });

  it('is an invoice that is not to be offered again where the wallet that issued it says so', async () => {
    const { paymentHashHex } = await create();
    expect(issuer.isWithdrawn?.(paymentHashHex)).toBe(false);
    second.isWithdrawn = () => true;
    expect(issuer.isWithdrawn?.(paymentHashHex)).toBe(false);
    // Of one that nobody remembers, any of them may be the issuer.
    expect(issuer.isWithdrawn?.('ab'.repeat(32))).toBe(true);
    first.isWithdrawn = (hash) => hash === paymentHashHex;
    expect(issuer.isWithdrawn?.(paymentHashHex)).toBe(true);
  });

  it('is every power that one of their credentials has, and an open question where one cannot be asked', async () => {
    expect((await issuer.inspect()).can).toEqual({ pay: false, createInvoice: true, read: true, administer: false });
    const inspection = await second.inspect();
    second.inspect = async () => ({
      ...inspection,
      network: 'regtest',
      can: { pay: true, createInvoice: false, read: null, administer: false },
      excess: { pay: [], receive: ['payinvoice'], read: [] },
      howToNarrow: { ...inspection.howToNarrow, receive: 'another way' },
    });
    expect(await issuer.inspect()).toEqual({
      kind: 'sandbox',
      network: 'regtest',
      can: { pay: true, createInvoice: true, read: true, administer: false },
      excess: { pay: [], receive: ['sandbox: payinvoice'], read: [] },
      howToNarrow: { pay: 'p', receive: 'r another way', read: 'd' },
    });
    const paying = await second.inspect();
    second.inspect = async () => ({ ...inspection, excess: { pay: [], receive: null, read: null } });
    expect((await issuer.inspect()).excess).toEqual({ pay: [], receive: null, read: null });
    second.inspect = async () => paying;
    third.failsWith = 'WALLET_TIMEOUT';
    expect((await issuer.inspect()).can).toEqual({ pay: true, createInvoice: true, read: true, administer: null });
    first.failsWith = 'WALLET_UNREACHABLE';
    second.inspect = () => third.inspect();
    await expect(issuer.inspect()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  });

  it('is closed with all of them', async () => {
    await issuer.close();
    expect([first, second, third].map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });
});

describe('what a failover takes', () => {
  it('is at least one wallet, and options that are numbers', () => {
    const notConfigured = expect.objectContaining({ code: 'WALLET_NOT_CONFIGURED' }) as Error;
    expect(() => createFailoverIssuer([])).toThrow(notConfigured);
    for (const options of [{ failuresToOpen: 0 }, { failuresToOpen: Number.NaN }, { halfOpenAfterMs: -1 }]) {
      expect(() => createFailoverIssuer([first], options)).toThrow(notConfigured);
    }
  });

  it('is never a wallet that pays, and nothing that it makes can pay', () => {
    expect(Object.keys(failover)).toEqual(['createFailoverIssuer']);
    expectTypeOf<PayingWallet>().not.toExtend<Parameters<typeof createFailoverIssuer>[0][number]>();
    expectTypeOf<ReturnType<typeof createFailoverIssuer>>().not.toHaveProperty('pay');
    expect('pay' in issuer).toBe(false);
  });
});
