import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryClaimStore } from '../../src/claim-store/index.js';
import { claimOf, describeDecision, FORECAST } from './helpers.js';
import { changedStore, createWorld, type World, type WorldOptions } from './world.js';

const BERLIN = '/v1/forecast/berlin';

/** A world whose clock and timers move together. */
async function timedWorld(options: WorldOptions = {}): Promise<{ world: World; pass: (ms: number) => Promise<void> }> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const world = await createWorld({ endpoints: [{ ...FORECAST, leaseMs: 6_000 }], ...options });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      world.advance(100);
      await vi.advanceTimersByTimeAsync(100);
    }
  };
  return { world, pass };
}

describe('a lease', () => {
  afterEach(() => void vi.useRealTimers());

  it('is renewed as long as the claim is held', async () => {
    const { world, pass } = await timedWorld();
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await pass(60_000);
    expect(world.storeCalls.filter((call) => call === 'renew').length).toBeGreaterThanOrEqual(20);
    expect(await claim.capture()).toBe('captured');
  });

  it('keeps no process alive', async () => {
    const world = await createWorld();
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    expect(timers()).toBe(before);
  });

  it.each(['capture', 'release'] as const)('is not renewed after %s', async (end) => {
    const { world, pass } = await timedWorld();
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await claim[end]();
    await pass(20_000);
    expect(world.storeCalls).not.toContain('renew');
  });

  it('runs out when the gate is closed, and then the payment is good again', async () => {
    const { world, pass } = await timedWorld();
    const credential = await world.buy(BERLIN);
    const claim = claimOf(await world.ask(BERLIN, { headers: credential }));
    world.gate.close();
    await pass(6_100);
    const second = claimOf(await world.ask(BERLIN, { headers: credential }));
    expect(await claim.capture()).toBe('lost');
    expect(await claim.release()).toBe('lost');
    expect(await second.capture()).toBe('captured');
  });

  it('is not renewed for a claim that comes after the gate was closed', async () => {
    const { world, pass } = await timedWorld();
    const credential = await world.buy(BERLIN);
    world.gate.close();
    claimOf(await world.ask(BERLIN, { headers: credential }));
    await pass(6_100);
    expect(world.storeCalls).not.toContain('renew');
    expect(describeDecision(await world.ask(BERLIN, { headers: credential }))).toBe('claim');
  });

  it('of a claim that its shell forgot runs out in the end', async () => {
    const { world, pass } = await timedWorld();
    const credential = await world.buy(BERLIN);
    claimOf(await world.ask(BERLIN, { headers: credential }));
    await pass(500_000);
    expect(describeDecision(await world.ask(BERLIN, { headers: credential }))).toBe('CLAIM_IN_PROGRESS');
    await pass(107_000);
    expect(describeDecision(await world.ask(BERLIN, { headers: credential }))).toBe('claim');
  });

  it('that the store does not know any more makes the claim lost', async () => {
    const { world, pass } = await timedWorld({
      store: (nowMs) => {
        const store = createMemoryClaimStore({ clock: nowMs });
        return changedStore(store, { renew: () => Promise.resolve(false) });
      },
    });
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await pass(2_100);
    expect(world.events.filter((event) => event.type === 'claim_lost')).toHaveLength(1);
    expect(await claim.capture()).toBe('lost');
  });

  it('that is asked about while the claim is captured is not lost by a late no', async () => {
    let sayNo = (): void => undefined;
    const { world, pass } = await timedWorld({
      store: (nowMs) => {
        const renew = () => new Promise<boolean>((resolve) => (sayNo = () => resolve(false)));
        return changedStore(createMemoryClaimStore({ clock: nowMs }), { renew });
      },
    });
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await pass(2_100);
    expect(await claim.capture()).toBe('captured');
    sayNo();
    await new Promise(setImmediate);
    expect(await claim.capture()).toBe('captured');
    expect(world.events.filter((event) => event.type === 'claim_lost')).toEqual([]);
  });

  it('whose renewal fails is in doubt, not lost, and is tried again', async () => {
    let failures = 0;
    const { world, pass } = await timedWorld({
      store: (nowMs) => {
        const store = createMemoryClaimStore({ clock: nowMs });
        const renew: typeof store.renew = (ref, leaseMs) => {
          failures += 1;
          return failures === 1 ? Promise.reject(new TypeError('cut')) : store.renew(ref, leaseMs);
        };
        return changedStore(store, { renew });
      },
    });
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await pass(30_000);
    expect(world.events.filter((event) => event.type === 'lease_in_doubt')).toHaveLength(1);
    expect(await claim.capture()).toBe('captured');
  });

  it('of a short one is renewed in time also beside a long one', async () => {
    const short = { ...FORECAST, id: 'short', path: '/v1/short', leaseMs: 600 };
    const { world, pass } = await timedWorld({ endpoints: [{ ...FORECAST, leaseMs: 60_000 }, short] });
    const long = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    const brief = claimOf(await world.ask('/v1/short', { headers: await world.buy('/v1/short') }));
    await pass(120_000);
    expect(await brief.capture()).toBe('captured');
    expect(await long.capture()).toBe('captured');
  });
});
