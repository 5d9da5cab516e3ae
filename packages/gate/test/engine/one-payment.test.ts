import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/engine/index.js';
import { branch, narrowed, TILE } from './helpers.js';
import { createWorld } from './world.js';

const TARGET = '/v1/tile/1/2/3';
const USES = 5;
/** Who may call how often: the root everything, a child 3, its two children 2 each, and another child whose 1 sat buys two calls of 400 msat. */
const CAPS = { root: USES, child: 3, eldest: 2, youngest: 2, thrifty: 2 } as const;
type Holder = keyof typeof CAPS;
const LINEAGE: Record<Holder, readonly Holder[]> = {
  root: ['root'],
  child: ['root', 'child'],
  eldest: ['root', 'child', 'eldest'],
  youngest: ['root', 'child', 'youngest'],
  thrifty: ['root', 'thrifty'],
};
const HOLDERS = Object.keys(CAPS).filter((name): name is Holder => name in CAPS);

async function family() {
  const price = { model: 'per_request', priceMsat: 2_000, uses: USES } as const;
  const world = await createWorld({ endpoints: [{ ...TILE, price, leaseMs: 1_000 }] });
  const root = await world.buy(TARGET);
  const child = narrowed(root, branch({ uses: CAPS.child }));
  const credentials: Record<Holder, readonly string[]> = {
    root,
    child,
    eldest: narrowed(child, branch({ uses: CAPS.eldest })),
    youngest: narrowed(child, branch({ uses: CAPS.youngest })),
    thrifty: narrowed(root, branch({ maxSats: 1 })),
  };
  return { world, credentials };
}

describe('one payment and all that was delegated from it', () => {
  it('never buys more than was paid for, whoever calls, in whatever order calls end, fail or are forgotten', async () => {
    const step = record({
      holder: constantFrom(...HOLDERS),
      calls: integer({ min: 1, max: 4 }),
      end: constantFrom('capture', 'release', 'hold', 'forget'),
    });
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { world, credentials } = await family();
        const captured: Record<Holder, number> = { root: 0, child: 0, eldest: 0, youngest: 0, thrifty: 0 };
        const held: { holder: Holder; claim: Claim }[] = [];
        const capture = async (holder: Holder, claim: Claim) => {
          if ((await claim.capture()) === 'lost') return;
          for (const ancestor of LINEAGE[holder]) captured[ancestor] += 1;
        };
        for (const { holder, calls, end } of steps) {
          const headers = credentials[holder];
          const decisions = await Promise.all(Array.from({ length: calls }, () => world.ask(TARGET, { headers })));
          for (const decision of decisions) {
            if (decision.kind !== 'grant' || decision.grant.via !== 'claim') continue;
            const { claim } = decision.grant;
            if (end === 'capture') await capture(holder, claim);
            if (end === 'release') await claim.release();
            if (end === 'hold') held.push({ holder, claim });
          }
          // What was forgotten runs out; so does what was held, which is then captured too late. After releases the payment rests.
          if (end === 'forget' || end === 'release') world.advance(70_000);
        }
        for (const { holder, claim } of held) await capture(holder, claim);
        for (const holder of HOLDERS) expect(captured[holder]).toBeLessThanOrEqual(CAPS[holder]);
      }),
      { numRuns: 60 },
    );
  });
});
