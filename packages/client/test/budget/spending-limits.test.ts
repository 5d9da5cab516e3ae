import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetLimits, openPurchaseStore, type PurchaseStore, type SpendingLimits } from '../../src/index.js';
import { quoteOf, temporaryStorePath, valueOf } from '../temporary-store.js';

const NONE: SpendingLimits = {
  perMinuteMsat: null,
  perHourMsat: null,
  perDayMsat: null,
  perHostAndDayMsat: null,
  perSessionMsat: null,
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A store whose clock is set by hand; its budget has no cap that binds. */
function scene(limits: Partial<SpendingLimits>, path = temporaryStorePath()) {
  const clock = { nowMs: 1_800_000_000_000 };
  const store = openPurchaseStore({ path, nowMs: () => clock.nowMs });
  store.budgets.registerCap('default', 1_000_000_000);
  const budgetLimits: BudgetLimits[] = [{ budgetId: 'default', limits: { ...NONE, ...limits } }];
  return { path, clock, store, budgetLimits };
}

let number = 0;

/** Quotes and reserves an amount, without room for fees. */
function reserve(
  { store, budgetLimits }: { store: PurchaseStore; budgetLimits: readonly BudgetLimits[] },
  amountMsat: number,
  origin = 'https://api.example',
) {
  number += 1;
  const purchaseId = valueOf(store.journal.quote(quoteOf(number, { amountMsat, origin })));
  const result = store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: amountMsat, budgetLimits });
  return { purchaseId, result };
}

function spend(world: ReturnType<typeof scene>, amountMsat: number, origin?: string) {
  const { purchaseId, result } = reserve(world, amountMsat, origin);
  if (!result.ok) return result;
  world.store.journal.startSending(purchaseId);
  world.store.journal.settle(purchaseId, { preimageHex: '0'.repeat(64), amountMsat, feeMsat: 0 });
  return result;
}

const refusedBy = (limit: string) => ({ ok: false, code: 'SPENDING_LIMIT_REACHED', detail: `The limit ${limit}.` });

describe('a limit on what is spent', () => {
  it.each([
    ['perMinuteMsat', 'perMinute', MINUTE_MS],
    ['perHourMsat', 'perHour', HOUR_MS],
    ['perDayMsat', 'perDay', DAY_MS],
  ] as const)('%s binds to the millisatoshi, and lets go when its time has passed', (name, limit, windowMs) => {
    const world = scene({ [name]: 10_000 });
    expect(spend(world, 6000)).toMatchObject({ ok: true });
    world.clock.nowMs += windowMs - 1;
    expect(spend(world, 4001)).toMatchObject(refusedBy(limit));
    expect(spend(world, 4000)).toMatchObject({ ok: true });
    world.clock.nowMs += 1;
    expect(spend(world, 6001)).toMatchObject(refusedBy(limit));
    expect(spend(world, 6000)).toMatchObject({ ok: true });
  });

  it('for a host and day counts each host and port by itself', () => {
    const world = scene({ perHostAndDayMsat: 10_000 });
    expect(spend(world, 10_000, 'https://a.example')).toMatchObject({ ok: true });
    expect(spend(world, 1, 'https://a.example')).toMatchObject(refusedBy('perHostAndDay'));
    expect(spend(world, 1, 'https://a.example.')).toMatchObject(refusedBy('perHostAndDay'));
    expect(spend(world, 10_000, 'https://a.example:8443')).toMatchObject({ ok: true });
    expect(spend(world, 10_000, 'https://b.example')).toMatchObject({ ok: true });
    world.clock.nowMs += DAY_MS;
    expect(spend(world, 10_000, 'https://a.example')).toMatchObject({ ok: true });
  });

  it('for a session counts what this opened store spent, whenever that was', () => {
    const first = scene({ perSessionMsat: 10_000 });
    expect(spend(first, 10_000)).toMatchObject({ ok: true });
    first.clock.nowMs += 40 * DAY_MS;
    expect(spend(first, 1)).toMatchObject(refusedBy('perSession'));
    const second = scene({ perSessionMsat: 10_000 }, first.path);
    expect(spend(second, 10_000)).toMatchObject({ ok: true });
  });

  it('counts what is reserved in full until it is decided, however old it is', () => {
    const world = scene({ perMinuteMsat: 10_000 });
    const { purchaseId } = reserve(world, 7000);
    world.clock.nowMs += DAY_MS;
    expect(spend(world, 3001)).toMatchObject(refusedBy('perMinute'));
    world.store.journal.fail(purchaseId, 'no route');
    expect(spend(world, 10_000)).toMatchObject({ ok: true });
  });

  it('counts a payment from the moment when it was decided', () => {
    const world = scene({ perMinuteMsat: 10_000 });
    const { purchaseId } = reserve(world, 7000);
    world.store.journal.startSending(purchaseId);
    world.clock.nowMs += HOUR_MS;
    world.store.journal.settle(purchaseId, { preimageHex: '0'.repeat(64), amountMsat: 7000, feeMsat: 0 });
    world.clock.nowMs += MINUTE_MS - 1;
    expect(spend(world, 3001)).toMatchObject(refusedBy('perMinute'));
  });

  it('still counts what was spent when the clock is set back', () => {
    const world = scene({ perMinuteMsat: 10_000 });
    expect(spend(world, 10_000)).toMatchObject({ ok: true });
    world.clock.nowMs -= DAY_MS;
    expect(spend(world, 1)).toMatchObject(refusedBy('perMinute'));
  });

  it('shrinks the fee to what it leaves', () => {
    const { store, budgetLimits } = scene({ perDayMsat: 5300 });
    const purchaseId = valueOf(store.journal.quote(quoteOf(9001)));
    const limits = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000, budgetLimits };
    expect(store.journal.reserve(purchaseId, limits)).toEqual({ ok: true, value: { feeCeilingMsat: 300 } });
  });

  it('of 0 lets nothing pass', () => {
    expect(spend(scene({ perDayMsat: 0 }), 1)).toMatchObject(refusedBy('perDay'));
  });

  it('is never passed in any stretch of its length, whatever is bought when', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 90_000 }),
      amountMsat: fc.integer({ min: 1, max: 6000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = scene({ perMinuteMsat: 10_000 });
        const spent: { atMs: number; amountMsat: number }[] = [];
        for (const { waitMs, amountMsat } of steps) {
          world.clock.nowMs += waitMs;
          if (spend(world, amountMsat).ok) spent.push({ atMs: world.clock.nowMs, amountMsat });
        }
        for (const { atMs } of spent) {
          const within = spent.filter((other) => other.atMs > atMs - MINUTE_MS && other.atMs <= atMs);
          expect(within.reduce((sum, { amountMsat }) => sum + amountMsat, 0)).toBeLessThanOrEqual(10_000);
        }
        world.store.close();
      }),
      { numRuns: 30 },
    );
  });
});

describe('the kill switch', () => {
  it('stops every process at its next step, and says why', () => {
    const one = scene({});
    const other = scene({}, one.path);
    const { purchaseId } = reserve(other, 1000);
    one.store.budgets.freeze('something is wrong');
    expect(other.store.budgets.stopped()).toEqual({ reason: 'something is wrong', sinceMs: one.clock.nowMs });
    expect(spend(other, 1)).toMatchObject({ ok: false, code: 'BUDGET_FROZEN' });
    expect(() => other.store.journal.startSending(purchaseId)).toThrow(
      expect.objectContaining({ code: 'BUDGET_FROZEN' }),
    );
  });

  it('lets everything go on after it is switched back', () => {
    const world = scene({});
    const { purchaseId } = reserve(world, 1000);
    world.store.budgets.freeze('a look at it');
    world.store.budgets.freeze('a second one changes nothing');
    expect(world.store.budgets.stopped()?.reason).toBe('a look at it');
    world.store.budgets.thaw();
    expect(world.store.budgets.stopped()).toBeNull();
    expect(world.store.journal.startSending(purchaseId)).toBe(0);
    expect(spend(world, 1000)).toMatchObject({ ok: true });
  });

  it('does not keep what was sent from being booked', () => {
    const world = scene({});
    const { purchaseId } = reserve(world, 1000);
    world.store.journal.startSending(purchaseId);
    world.store.budgets.freeze('now');
    world.store.journal.settle(purchaseId, { preimageHex: '0'.repeat(64), amountMsat: 1000, feeMsat: 0 });
    expect(world.store.budgets.state('default').spentMsat).toBe(1000);
  });
});

describe('a budget that is part of another', () => {
  it('is never moved to a third', () => {
    const { store } = scene({});
    store.budgets.registerCap('a', 1000, 'default');
    store.budgets.registerCap('b', 1000);
    expect(() => store.budgets.registerCap('a', 1000, 'b')).toThrow(
      expect.objectContaining({ code: 'BUDGET_PARENT_CONFLICT' }),
    );
    expect(() => store.budgets.registerCap('b', 1000, 'default')).toThrow(
      expect.objectContaining({ code: 'BUDGET_PARENT_CONFLICT' }),
    );
  });
});

describe('what a process has spent', () => {
  it('is what was paid, apart from what is reserved, and nothing of other processes', () => {
    const world = scene({});
    expect(world.store.budgets.ofSession('default')).toEqual({ spentMsat: 0, reservedMsat: 0 });
    spend(world, 5000);
    const { purchaseId } = reserve(world, 3000);
    expect(world.store.budgets.ofSession('default')).toEqual({ spentMsat: 5000, reservedMsat: 3000 });
    expect(world.store.budgets.ofSession('other')).toEqual({ spentMsat: 0, reservedMsat: 0 });
    const other = scene({}, world.path);
    spend(other, 7000);
    expect(world.store.budgets.ofSession('default')).toEqual({ spentMsat: 5000, reservedMsat: 3000 });
    world.store.journal.fail(purchaseId, 'refused');
    expect(world.store.budgets.ofSession('default')).toEqual({ spentMsat: 5000, reservedMsat: 0 });
  });
});
