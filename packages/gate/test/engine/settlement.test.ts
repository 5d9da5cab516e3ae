import { SatwayError } from '@satway/base';
import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { decodeIdentifier, decodeMacaroonText, formatAuthorization } from '@satway/protocol';
import type { InvoiceState } from '@satway/wallets';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase } from '../../../../test/support/postgres/index.js';
import { type ClaimStore, createMemoryClaimStore } from '../../src/claim-store/index.js';
import { answerOf, claimOf, describeDecision, headerOf, readOffer } from './helpers.js';
import { LeakyWallet } from './leaky-wallet.js';
import { changedStore, createWorld, said, spend, type World, type WorldOptions } from './world.js';

const BERLIN = '/v1/forecast/berlin';
const TILE = '/v1/tile/1/2/3';
const REFUSED = 'PAYMENT_NOT_CONFIRMED';

afterEach(() => vi.useRealTimers());

function shop(wallet: LeakyWallet, options: WorldOptions = {}): Promise<World> {
  return createWorld({ wrapIssuer: () => wallet, ...options });
}

interface Forged {
  readonly hash: string;
  readonly headers: readonly string[];
}

let buyers = 0;

/** Asks, and completes the offered macaroon with what the wallet gives away. Nothing is paid. */
async function forge(world: World, wallet: LeakyWallet, target = BERLIN): Promise<Forged> {
  buyers += 1;
  const from = `10.${(buyers >> 16) & 255}.${(buyers >> 8) & 255}.${buyers & 255}`;
  const { macaroonText } = readOffer(await world.ask(target, { from }));
  const decoded = decodeMacaroonText(macaroonText);
  const identifier = decoded.ok ? decodeIdentifier(decoded.value.macaroon.identifier) : null;
  if (identifier === null || !identifier.ok) throw new TypeError('the macaroon cannot be read');
  const hash = identifier.value.paymentHashHex;
  return { hash, headers: ['Authorization', formatAuthorization(macaroonText, wallet.leak(hash))] };
}

describe('a preimage that leaked before the payment', () => {
  it('opens what it was not paid for where settlement is not confirmed', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet, { confirmSettlement: false });
    const { headers } = await forge(world, wallet);
    expect(await said(world, BERLIN, headers)).toBe('claim');
    expect(wallet.asked).toEqual([]);
    expect(world.storeCalls).toEqual(['claim']);
  });

  it('is refused where it is confirmed, with no offer to pay again, and takes nothing', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet, { confirmSettlement: true });
    const { hash, headers } = await forge(world, wallet);
    const decision = await world.ask(BERLIN, { headers });
    expect(describeDecision(decision)).toBe(REFUSED);
    const answer = answerOf(decision);
    expect(answer.status).toBe(409);
    expect(headerOf(answer, 'WWW-Authenticate')).toBeUndefined();
    expect(headerOf(answer, 'Retry-After')).toBe('1');
    expect(headerOf(answer, 'X-Payment-Outcome')).toBe('not_charged');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'payment_not_confirmed', fundsMoved: 'unknown' });
    expect(wallet.asked).toEqual([hash]);
    expect(world.storeCalls).toEqual(['knows']);
    expect(world.events).toContainEqual({ type: 'settlement_asked', paymentHashHex: hash, answer: 'open' });
  });

  it.each([
    [false, REFUSED],
    [true, 'claim'],
  ])(
    'is looked into by default only where the wallet says that it proves nothing (preimageIsProof: %s)',
    async (proof, word) => {
      const wallet = new LeakyWallet(proof);
      const world = await shop(wallet);
      expect(await said(world, BERLIN, (await forge(world, wallet)).headers)).toBe(word);
    },
  );

  const settled = (amountReceivedMsat: number): InvoiceState => ({
    state: 'settled',
    amountReceivedMsat,
    settledAtMs: 1,
  });

  it.each<[string, InvoiceState, string]>([
    ['open', { state: 'open', expiresAtMs: 0 }, REFUSED],
    ['held, which is not ours yet', { state: 'held' }, REFUSED],
    ['closed', { state: 'closed' }, REFUSED],
    ['unknown to the wallet', { state: 'notFound' }, REFUSED],
    ['settled with one millisatoshi too little', settled(4_999), REFUSED],
    ['settled with the price', settled(5_000), 'claim'],
    ['settled with more than the price', settled(9_000), 'claim'],
  ])('of an invoice that is %s', async (_what, state, word) => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet);
    wallet.put(hash, state);
    expect(await said(world, BERLIN, headers)).toBe(word);
    expect(world.storeCalls.includes('claim')).toBe(word === 'claim');
  });

  it('becomes good with the payment; until then the wallet is asked once a second', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet);
    for (let time = 0; time < 5; time += 1) expect(await said(world, BERLIN, headers)).toBe(REFUSED);
    expect(wallet.asked).toHaveLength(1);
    wallet.settle(hash);
    world.advance(1_000);
    expect(await spend(world, BERLIN, headers)).toBe('captured');
    expect(wallet.asked).toHaveLength(2);
  });
});

describe('a clock that is set back', () => {
  it('keeps nobody waiting who has paid meanwhile', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet);
    expect(await said(world, BERLIN, headers)).toBe(REFUSED);
    wallet.settle(hash);
    world.advance(-60_000);
    expect(await said(world, BERLIN, headers)).toBe('claim');
  });
});

describe('a payment that was confirmed', () => {
  it('is not asked for again, for any of its uses', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet, TILE);
    wallet.settle(hash);
    for (let use = 0; use < 20; use += 1) expect(await spend(world, TILE, headers)).toBe('captured');
    expect(await said(world, TILE, headers)).toBe('challenge');
    expect(wallet.asked).toEqual([hash]);
    expect(world.storeCalls.filter((name) => name === 'knows')).toHaveLength(1);
  });

  it.each<[string, () => Promise<ClaimStore>]>([
    ['the memory store', () => Promise.resolve(createMemoryClaimStore())],
    ['PostgreSQL', openPostgres],
  ])(
    'is known on another replica and after a restart by its record in %s, also while the wallet is down',
    async (_, open) => {
      const store = await open();
      const wallet = new LeakyWallet();
      const first = await shop(wallet, { store: () => store });
      const { hash, headers } = await forge(first, wallet, TILE);
      wallet.settle(hash);
      expect(await spend(first, TILE, headers)).toBe('captured');
      const second = await shop(wallet, { store: () => store });
      second.keyRing = first.keyRing;
      wallet.beforeAnswer = () => Promise.reject(new SatwayError('WALLET_UNREACHABLE'));
      expect(await spend(second, TILE, headers)).toBe('captured');
      expect(wallet.asked).toEqual([hash]);
    },
  );
});

async function openPostgres(): Promise<ClaimStore> {
  const database = await createTestDatabase();
  const store = await openPostgresClaimStore({ url: database.url });
  onTestFinished(async () => {
    await store.close();
    await database.drop();
  });
  return store;
}

describe('a wallet that cannot say', () => {
  it('costs 503 with Retry-After, claims nothing, and is asked again when it is back', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet);
    wallet.settle(hash);
    const cause = new SatwayError('WALLET_UNREACHABLE');
    wallet.beforeAnswer = () => Promise.reject(cause);
    const decision = await world.ask(BERLIN, { headers });
    expect(describeDecision(decision)).toBe('PAYMENT_UNCONFIRMABLE');
    expect(answerOf(decision).status).toBe(503);
    expect(headerOf(answerOf(decision), 'Retry-After')).toBe('5');
    expect(JSON.parse(answerOf(decision).body)).toMatchObject({ fundsMoved: 'unknown' });
    expect(world.storeCalls).not.toContain('claim');
    expect(world.events).toContainEqual({ type: 'settlement_asked', paymentHashHex: hash, answer: 'none', cause });
    wallet.beforeAnswer = () => Promise.resolve();
    expect(await said(world, BERLIN, headers)).toBe('claim');
  });

  it('is not waited for longer than ten seconds', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { headers } = await forge(world, wallet);
    vi.useFakeTimers();
    wallet.beforeAnswer = () => new Promise(() => undefined);
    const asking = said(world, BERLIN, headers);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await asking).toBe('PAYMENT_UNCONFIRMABLE');
  });

  it('is not asked at all where the store cannot say whether it must be', async () => {
    const wallet = new LeakyWallet();
    const knows = (): Promise<never> => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
    const world = await shop(wallet, { store: () => changedStore(createMemoryClaimStore(), { knows }) });
    const { hash, headers } = await forge(world, wallet);
    wallet.settle(hash);
    expect(await said(world, BERLIN, headers)).toBe('STORE_UNAVAILABLE');
    expect(wallet.asked).toEqual([]);
  });
});

/** Look-ups that wait until they are let go. */
function holdBack(wallet: LeakyWallet): () => void {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  wallet.beforeAnswer = () => gate;
  return () => letGo();
}

describe('first uses at the same time', () => {
  it('of one payment share one question, and none is granted before its answer', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const { hash, headers } = await forge(world, wallet, TILE);
    wallet.settle(hash);
    const letGo = holdBack(wallet);
    const deciding = Array.from({ length: 50 }, () => world.ask(TILE, { headers }));
    await vi.waitFor(() => expect(wallet.asked).toEqual([hash]));
    expect(world.storeCalls).not.toContain('claim');
    letGo();
    const words = (await Promise.all(deciding)).map(describeDecision);
    expect(words.filter((word) => word === 'claim')).toHaveLength(20);
    expect(words.filter((word) => word === 'CLAIM_IN_PROGRESS')).toHaveLength(30);
    expect(wallet.asked).toEqual([hash]);
  });

  it('of one payment on two replicas ask once each, and are granted what was paid for', async () => {
    const wallet = new LeakyWallet();
    const store = createMemoryClaimStore();
    const one = await shop(wallet, { store: () => store });
    const two = await shop(wallet, { store: () => store });
    two.keyRing = one.keyRing;
    const { hash, headers } = await forge(one, wallet, TILE);
    wallet.settle(hash);
    const letGo = holdBack(wallet);
    const deciding = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? one : two).ask(TILE, { headers }));
    await vi.waitFor(() => expect(wallet.asked).toEqual([hash, hash]));
    letGo();
    const words = (await Promise.all(deciding)).map(describeDecision);
    expect(words.filter((word) => word === 'claim')).toHaveLength(20);
    expect(wallet.asked).toHaveLength(2);
  });

  it('of many payments ask the wallet 32 questions at most; the others are told to come again', async () => {
    const wallet = new LeakyWallet();
    const world = await shop(wallet);
    const forged = await Promise.all(Array.from({ length: 40 }, () => forge(world, wallet)));
    for (const { hash } of forged) wallet.settle(hash);
    const letGo = holdBack(wallet);
    const deciding = forged.map(({ headers }) => said(world, BERLIN, headers));
    await vi.waitFor(() => expect(world.storeCalls.filter((name) => name === 'knows')).toHaveLength(40));
    letGo();
    const words = await Promise.all(deciding);
    expect(wallet.asked).toHaveLength(32);
    expect(words.filter((word) => word === 'PAYMENT_UNCONFIRMABLE')).toHaveLength(8);
    expect(words.filter((word) => word === 'claim')).toHaveLength(32);
    for (const { headers } of forged.filter((_, index) => words[index] !== 'claim')) {
      expect(await said(world, BERLIN, headers)).toBe('claim');
    }
  });
});

describe('whatever happens in whatever order', () => {
  type Step = {
    readonly invoice: number;
    readonly act: 'use' | 'settle' | 'short' | 'hold' | 'close' | 'fail' | 'wait';
  };

  it('nothing is granted for an invoice that is not settled with its price', async () => {
    const act = fc.constantFrom<Step['act']>('use', 'use', 'settle', 'short', 'hold', 'close', 'fail', 'wait');
    const steps = fc.array(fc.record({ invoice: fc.nat(3), act }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const wallet = new LeakyWallet();
        const world = await shop(wallet);
        const forged = await Promise.all([0, 1, 2, 3].map(() => forge(world, wallet, TILE)));
        const granted: Promise<void>[] = [];
        for (const { invoice, act: what } of plan) {
          const { hash, headers } = forged[invoice] ?? { hash: '', headers: [] };
          if (what === 'use') granted.push(use(world, wallet, hash, headers));
          else await change(world, wallet, hash, what);
        }
        await Promise.all(granted);
        const credited = forged.filter(({ hash }) => wallet.isCredited(hash));
        wallet.beforeAnswer = () => Promise.resolve();
        world.advance(60_000);
        for (const { headers } of credited) expect(await said(world, TILE, headers)).not.toBe(REFUSED);
      }),
      { numRuns: 60 },
    );
  });

  async function use(world: World, wallet: LeakyWallet, hash: string, headers: readonly string[]): Promise<void> {
    const decision = await world.ask(TILE, { headers });
    if (decision.kind !== 'grant') return;
    expect(wallet.isCredited(hash)).toBe(true);
    await claimOf(decision).capture();
  }

  async function change(world: World, wallet: LeakyWallet, hash: string, what: Step['act']): Promise<void> {
    if (what === 'wait') world.advance(2_000);
    if (what === 'fail') wallet.beforeAnswer = () => Promise.reject(new SatwayError('WALLET_TIMEOUT'));
    // What is settled stays settled; the wallet says so again.
    if (what === 'wait' || what === 'fail' || wallet.isCredited(hash)) return;
    wallet.beforeAnswer = () => Promise.resolve();
    if (what === 'settle') wallet.settle(hash);
    else if (what === 'short') wallet.settle(hash, 1);
    else wallet.put(hash, { state: what === 'hold' ? 'held' : 'closed' });
  }
});
