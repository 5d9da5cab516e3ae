import type { ClaimRequest, CounterTake } from '@satway/gate/claim-store';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { another, type ClaimStoreHarness, claimRequest, HOUR_MS, newHash } from './harness.js';

type Step =
  | { readonly kind: 'claim'; readonly branches: readonly number[]; readonly take: number }
  | { readonly kind: 'capture' | 'release' | 'renew'; readonly which: number }
  | { readonly kind: 'expire' }
  | { readonly kind: 'prune' };

interface ModelClaim {
  readonly request: ClaimRequest;
  state: 'held' | 'captured' | 'released' | 'expired';
  /** Ended longer ago than stores promise to remember: only its effect on the counts is known. */
  forgotten: boolean;
}

const CAPS = [2, 5, 9];
const which = fc.nat({ max: 11 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      branches: fc.subarray([0, 1, 2]),
      take: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('capture' as const, 'release' as const, 'renew' as const), which }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'expire' as const }, { kind: 'prune' as const }) },
);

/** A payment as a list of claims: what is taken is what the list says, nothing is counted twice. */
class PaymentModel {
  readonly claims: ModelClaim[] = [];
  readonly branches = CAPS.map(() => newHash());

  constructor(readonly uses: number) {}

  countersOf(branches: readonly number[], take: number): CounterTake[] {
    return branches.map((branch) => ({ chainHashHex: this.branches[branch] ?? '', take, cap: CAPS[branch] ?? 0 }));
  }

  expected(counters: readonly CounterTake[]): string {
    if (this.#count(['captured']) >= this.uses) return 'consumed';
    if (!this.#fit(counters, ['captured'])) return 'quota_exhausted';
    const full = this.#count(['captured', 'held']) >= this.uses || !this.#fit(counters, ['captured', 'held']);
    return full ? 'claim_in_progress' : 'granted';
  }

  #count(states: readonly string[]): number {
    return this.claims.filter((claim) => states.includes(claim.state)).length;
  }

  #fit(counters: readonly CounterTake[], states: readonly string[]): boolean {
    return counters.every(({ chainHashHex, take, cap }) => this.#taken(chainHashHex, states) + take <= cap);
  }

  #taken(chainHashHex: string, states: readonly string[]): number {
    const takes = this.claims
      .filter((claim) => states.includes(claim.state))
      .flatMap((claim) => claim.request.counters)
      .filter((counter) => counter.chainHashHex === chainHashHex);
    return takes.reduce((sum, counter) => sum + counter.take, 0);
  }
}

/** Random sequences against the model above, step by step and all at once. */
export function claimStoreModel(harnessOf: () => ClaimStoreHarness): void {
  describe('random sequences of claim, capture, release, renew and expiry', () => {
    test('answer as a plain list of claims would', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 25 }), async (uses, steps) => {
          const model = new PaymentModel(uses);
          const base = claimRequest({ uses });
          for (const next of steps) await applyStep(harnessOf(), model, base, next);
        }),
        { numRuns: 40 },
      );
    });

    test('at the same time never grant more than the uses, never more than a cap, and capture at most the uses', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3 }),
          fc.array(fc.record({ branches: fc.subarray([0, 1, 2]), capture: fc.boolean() }), {
            minLength: 2,
            maxLength: 20,
          }),
          (uses, calls) => runAtOnce(harnessOf(), uses, calls),
        ),
        { numRuns: 25 },
      );
    });
  });
}

async function applyStep(
  harness: ClaimStoreHarness,
  model: PaymentModel,
  base: ClaimRequest,
  next: Step,
): Promise<void> {
  if (next.kind === 'claim') return applyClaim(harness, model, base, next.branches, next.take);
  if (next.kind === 'prune') return void (await harness.store.prune());
  if (next.kind === 'expire') return applyExpiry(harness, model);
  const claim = model.claims[next.which] ?? stranger(base);
  if (claim.forgotten) return;
  const ended = { capture: 'captured', release: 'released', renew: 'held' } as const;
  const expected = claim.state === 'held' || claim.state === ended[next.kind];
  expect(await callStore(harness, next.kind, claim.request)).toBe(expected);
  if (!expected) return;
  const released = next.kind === 'release' && claim.state === 'held';
  claim.state = ended[next.kind];
  // The rest after a release has a test of its own; here it is slept off, well inside every lease.
  if (!released) return;
  await harness.letTimePass(64_000);
  forgetEnded(model);
}

/** A claim that was never made: nothing can be done with it. */
function stranger(base: ClaimRequest): ModelClaim {
  return { request: another(base), state: 'expired', forgotten: false };
}

async function applyClaim(
  harness: ClaimStoreHarness,
  model: PaymentModel,
  base: ClaimRequest,
  branches: readonly number[],
  take: number,
): Promise<void> {
  const counters = model.countersOf(branches, take);
  const request = another(base, { counters });
  const { outcome } = await harness.store.claim(request);
  expect(outcome).toBe(model.expected(counters));
  if (outcome === 'granted') model.claims.push({ request, state: 'held', forgotten: false });
}

async function applyExpiry(harness: ClaimStoreHarness, model: PaymentModel): Promise<void> {
  await harness.letTimePass(HOUR_MS + 1);
  for (const claim of model.claims) if (claim.state === 'held') claim.state = 'expired';
  forgetEnded(model);
}

function forgetEnded(model: PaymentModel): void {
  for (const claim of model.claims) if (claim.state !== 'held') claim.forgotten = true;
}

function callStore(
  { store }: ClaimStoreHarness,
  kind: 'capture' | 'release' | 'renew',
  ref: ClaimRequest,
): Promise<boolean> {
  if (kind === 'capture') return store.capture(ref);
  return kind === 'release' ? store.release(ref) : store.renew(ref, HOUR_MS);
}

async function runAtOnce(
  { store }: ClaimStoreHarness,
  uses: number,
  calls: readonly { readonly branches: readonly number[]; readonly capture: boolean }[],
): Promise<void> {
  const model = new PaymentModel(uses);
  const base = claimRequest({ uses });
  const results = await Promise.all(
    calls.map(async ({ branches, capture }) => {
      const request = another(base, { counters: model.countersOf(branches, 1) });
      const granted = (await store.claim(request)).outcome === 'granted';
      if (!granted) return { request, granted, captured: false };
      const done = await (capture ? store.capture(request) : store.release(request));
      expect(done).toBe(true);
      return { request, granted, captured: capture };
    }),
  );
  const captured = results.filter((result) => result.captured).map((result) => result.request);
  expect(captured.length).toBeLessThanOrEqual(uses);
  for (const [branch, cap] of CAPS.entries()) {
    const chainHashHex = model.branches[branch];
    const taken = captured.filter(({ counters }) => counters.some((counter) => counter.chainHashHex === chainHashHex));
    expect(taken.length).toBeLessThanOrEqual(cap);
  }
}
