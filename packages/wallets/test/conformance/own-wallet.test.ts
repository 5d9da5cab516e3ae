import { SatwayError } from '@satway/base';
import type { InvoicePayer, PayRequest } from '@satway/wallets';
import {
  type CaseResult,
  type OwnWallet,
  testWallet as testOwnWallet,
  type WalletTestOptions,
} from '@satway/wallets/conformance';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { createSettableClock } from './sandbox-fixtures.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BALANCE_MSAT = 1_000_000;
let network: SandboxNetwork;
let clock: ReturnType<typeof createSettableClock>;

beforeEach(() => {
  clock = createSettableClock();
  network = createSandboxNetwork({ clock });
  for (const name of ['mine', 'other']) network.addNode(name, { balanceMsat: BALANCE_MSAT });
});
afterEach(() => network.close());

const testWallet = (own: OwnWallet, options: WalletTestOptions) =>
  testOwnWallet(own, { ...options, passTime: async (ms) => clock.advance(ms) });
const wallet = (name: string, parts: Partial<OwnWallet> = {}): OwnWallet => {
  const { issuer, payer } = network.node(name);
  return { kind: 'sandbox', network: 'regtest', issuer, payer, ...parts };
};
const balanceMsat = async (name: string) => (await network.node(name).payer.balance()).spendableMsat;
const verdicts = (results: readonly CaseResult[], verdict: CaseResult['verdict']) =>
  results.filter((result) => result.verdict === verdict).map(({ name }) => name);

/** Remembers what went out. */
function watching(payer: InvoicePayer, change: (request: PayRequest) => PayRequest = (request) => request) {
  const sent: PayRequest[] = [];
  const pay = (request: PayRequest) => {
    sent.push(request);
    return payer.pay(change(request));
  };
  return { sent, payer: Object.create(payer, { pay: { value: pay } }) as InvoicePayer };
}

describe('a wallet under test with its owner’s money', () => {
  it('keeps its promises alone, as far as they need nobody else, and spends nothing', async () => {
    const { results, spentMsat } = await testWallet(wallet('mine'), { limitMsat: 100_000 });
    expect(verdicts(results, 'failed')).toEqual([]);
    expect(verdicts(results, 'passed')).toEqual(
      expect.arrayContaining([
        'refuses an expiry of 0 seconds',
        'fails for an invoice that had expired before it was sent',
        'fails for a payee that nobody can reach',
      ]),
    );
    expect(verdicts(results, 'notRun')).toContain('pays, proves it with the preimage, and costs what it says');
    expect(results.filter(({ verdict, detail }) => verdict === 'notRun' && detail === null)).toEqual([]);
    expect({ spentMsat, balance: await balanceMsat('mine') }).toEqual({ spentMsat: 0, balance: BALANCE_MSAT });
  });

  it('pays and is paid by a second one, and the books of both show what was spent', async () => {
    const { results, spentMsat, limitMsat } = await testWallet(wallet('mine', { issuer: null }), {
      limitMsat: 100_000,
      counterpart: wallet('other'),
    });
    expect(verdicts(results, 'failed')).toEqual([]);
    expect(verdicts(results, 'passed')).toContain('pays, proves it with the preimage, and costs what it says');
    expect(BALANCE_MSAT - (await balanceMsat('mine'))).toBe(spentMsat);
    expect(spentMsat).toBeGreaterThan(0);
    expect(spentMsat).toBeLessThanOrEqual(limitMsat);
    expect((await balanceMsat('mine')) + (await balanceMsat('other'))).toBe(2 * BALANCE_MSAT);
  });

  it('counts what the second wallet pays to it under the same limit', async () => {
    const { results, spentMsat } = await testWallet(wallet('mine', { payer: null }), {
      limitMsat: 8000,
      counterpart: wallet('other'),
    });
    expect(verdicts(results, 'failed')).toEqual([]);
    expect(verdicts(results, 'notRun')).toContain(
      'calls back when an invoice is settled, and not after it was told to stop',
    );
    expect(BALANCE_MSAT - (await balanceMsat('other'))).toBe(spentMsat);
    expect(spentMsat).toBe(5000);
  });

  it.each([0, 999, 3999, 4000, 7000, 20_000])('never sends what could pass a limit of %i msat', async (limitMsat) => {
    const { payer, sent } = watching(network.node('mine').payer);
    const options = { limitMsat, counterpart: wallet('other') };
    const { results, spentMsat } = await testWallet(wallet('mine', { issuer: null, payer }), options);
    expect(verdicts(results, 'failed')).toEqual([]);
    expect(BALANCE_MSAT - (await balanceMsat('mine'))).toBe(spentMsat);
    expect(spentMsat).toBeLessThanOrEqual(limitMsat);
    for (const { amountMsat, feeLimitMsat } of sent) expect(amountMsat + feeLimitMsat).toBeLessThanOrEqual(limitMsat);
  });

  it('counts what the wallets say of their payments where they tell no balance', async () => {
    const silent = (name: string) => {
      const { payer } = network.node(name);
      const balance = async (): Promise<never> => {
        throw new SatwayError('WALLET_PERMISSION_DENIED');
      };
      return Object.create(payer, { balance: { value: balance } }) as InvoicePayer;
    };
    const paid = await testWallet(wallet('mine', { issuer: null, payer: silent('mine') }), {
      limitMsat: 4000,
      counterpart: wallet('other'),
    });
    expect(paid.spentMsat).toBeGreaterThan(0);
    expect(paid.spentMsat).toBe(BALANCE_MSAT - (await balanceMsat('mine')));
    const received = await testWallet(wallet('mine', { payer: null }), {
      limitMsat: 4000,
      counterpart: wallet('other', { payer: silent('other') }),
    });
    expect(received.spentMsat).toBe(3000);
  });

  it('is stopped once it took more than it was asked for', async () => {
    const honest = network.node('mine').payer;
    let thefts = 0;
    const pay = async (request: PayRequest) => {
      const outcome = await honest.pay(request);
      if (outcome.state !== 'settled') return outcome;
      thefts += 1;
      const stolen = await network
        .node('other')
        .issuer.create({ amountMsat: 60_000, description: 'stolen', expirySeconds: 60 });
      await honest.pay({ ...stolen, feeLimitMsat: 0, timeoutMs: 5000 });
      return outcome;
    };
    const payer = Object.create(honest, { pay: { value: pay } }) as InvoicePayer;
    const options = { limitMsat: 60_000, counterpart: wallet('other') };
    const { results, spentMsat } = await testWallet(wallet('mine', { issuer: null, payer }), options);
    expect(thefts).toBe(1);
    expect(verdicts(results, 'failed')).toEqual(['pays, proves it with the preimage, and costs what it says']);
    expect(verdicts(results, 'notRun')).toContain('tells the same when asked again');
    expect(spentMsat).toBe(BALANCE_MSAT - (await balanceMsat('mine')));
  });

  /** A wallet that cannot bound its fees, and whose route takes 10 sats for each payment. */
  function dearWallet(name: string) {
    const honest = network.node(name).payer;
    const hops = network.addNode(`hops of ${name}`);
    const sent: PayRequest[] = [];
    const pay = async (request: PayRequest) => {
      sent.push(request);
      const outcome = await honest.pay(request);
      if (outcome.state !== 'settled') return outcome;
      const toll = await hops.issuer.create({ amountMsat: 10_000, description: 'fee', expirySeconds: 60 });
      await honest.pay({ ...toll, feeLimitMsat: 0, timeoutMs: 5000 });
      return { ...outcome, feeMsat: outcome.feeMsat + 10_000 };
    };
    const parts = { pay: { value: pay }, feeCeilingMsat: { value: () => null } };
    return { sent, payer: Object.create(honest, parts) as InvoicePayer };
  }

  it.each(['pay', 'receive'] as const)(
    'pays nobody where a wallet cannot bound its fees, on the side that should %s, and says why',
    async (side) => {
      const { payer } = dearWallet(side === 'pay' ? 'mine' : 'other');
      const { results, spentMsat } = await (side === 'pay'
        ? testWallet(wallet('mine', { issuer: null, payer }), { limitMsat: 6000, counterpart: wallet('other') })
        : testWallet(wallet('mine', { payer: null }), { limitMsat: 6000, counterpart: wallet('other', { payer }) }));
      expect({
        spentMsat,
        gone: 2 * BALANCE_MSAT - (await balanceMsat('mine')) - (await balanceMsat('other')),
      }).toEqual({
        spentMsat: 0,
        gone: 0,
      });
      const why = results.filter(({ detail }) => detail?.includes('cannot bound its fees, so no limit holds'));
      expect(why.length).toBeGreaterThan(0);
      expect(verdicts(results, 'failed')).toEqual([]);
      if (side === 'pay') expect(verdicts(results, 'passed')).toContain('fails for a payee that nobody can reach');
    },
  );

  it('pays once with unbounded fees that were allowed, and no more after a payment cost more than was assumed', async () => {
    const { payer, sent } = dearWallet('mine');
    const { results, spentMsat } = await testWallet(wallet('mine', { issuer: null, payer }), {
      limitMsat: 100_000,
      counterpart: wallet('other'),
      allowUnboundedFees: true,
    });
    expect(spentMsat).toBe(13_000);
    expect(BALANCE_MSAT - (await balanceMsat('mine'))).toBe(13_000);
    const paid = sent.filter(({ amountMsat }) => amountMsat === 3000);
    expect(paid).toHaveLength(1);
    expect(results.filter(({ detail }) => detail?.includes('cost more than it could')).length).toBeGreaterThan(0);
  });

  it('holds back what may still go out', async () => {
    network.addFault('mine', { kind: 'stuckThenSettled' });
    const { payer, sent } = watching(network.node('mine').payer, (request) => ({ ...request, timeoutMs: 200 }));
    const options = { limitMsat: 15_000, counterpart: wallet('other') };
    const { results, spentMsat } = await testWallet(wallet('mine', { issuer: null, payer }), options);
    const stuck = sent.find(({ amountMsat }) => amountMsat === 3000);
    expect(verdicts(results, 'failed')).toContain('pays, proves it with the preimage, and costs what it says');
    network.resolve(stuck?.paymentHashHex ?? '', 'settled');
    const goneMsat = BALANCE_MSAT - (await balanceMsat('mine'));
    expect(goneMsat).toBeGreaterThanOrEqual(spentMsat);
    expect(goneMsat).toBeLessThanOrEqual(15_000);
  });

  it('is not blamed for a second wallet that cannot pay', async () => {
    network.addNode('poor');
    const { results } = await testWallet(wallet('mine', { payer: null }), {
      limitMsat: 100_000,
      counterpart: wallet('poor'),
    });
    expect(verdicts(results, 'failed')).toEqual([]);
    const paid = results.find(({ name }) => name === 'never shows a preimage');
    expect(paid).toMatchObject({ verdict: 'notRun' });
    expect(paid?.detail).toMatch(/^WALLET_COUNTERPART_FAILED/);
  });

  it('begins no further case once the run is stopped', async () => {
    const stop = new AbortController();
    const { results } = await testWallet(wallet('mine'), {
      limitMsat: 100_000,
      signal: stop.signal,
      onResult: () => stop.abort(),
    });
    expect(verdicts(results, 'passed')).toHaveLength(1);
    expect(new Set(results.slice(1).map(({ verdict }) => verdict))).toEqual(new Set(['notRun']));
  });

  it('tells each result as it comes, in the order of the report', async () => {
    const heard: CaseResult[] = [];
    const { results } = await testWallet(wallet('mine'), { limitMsat: 0, onResult: (result) => heard.push(result) });
    expect(heard).toEqual(results);
  });
});
