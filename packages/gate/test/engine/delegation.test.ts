import { describe, expect, it } from 'vitest';
import { createMemoryClaimStore } from '../../src/claim-store/index.js';
import { branch, claimOf, credentialParts, FORECAST, narrowed, TILE } from './helpers.js';
import { changedStore, createWorld, said, spend } from './world.js';

const BERLIN = '/v1/forecast/berlin';

describe('a delegated credential', () => {
  it('has a quota that its holder cannot reset and that counts for the whole branch', async () => {
    const world = await createWorld();
    const root = await world.buy('/v1/tile/1/2/3');
    const child = narrowed(root, branch({ uses: 3 }));
    const grandchild = narrowed(child, branch({ uses: 2 }));
    const sibling = narrowed(child, branch({ uses: 2 }));
    const results = [];
    for (const credential of [grandchild, grandchild, grandchild, sibling, sibling, child]) {
      results.push(await spend(world, '/v1/tile/1/2/3', credential));
    }
    expect(results).toEqual(['captured', 'captured', 'challenge', 'captured', 'challenge', 'challenge']);
    expect(await spend(world, '/v1/tile/1/2/3', root)).toBe('captured');
  });

  it('cannot pass the root together with its siblings', async () => {
    const world = await createWorld({
      endpoints: [{ ...TILE, price: { model: 'per_request', priceMsat: 250, uses: 4 } }],
    });
    const root = await world.buy('/v1/tile/1/2/3');
    const children = [branch({ uses: 3 }), branch({ uses: 3 })].map((caveats) => narrowed(root, caveats));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => world.ask('/v1/tile/1/2/3', { headers: children[index % 2] ?? [] })),
    );
    expect(results.filter((decision) => decision.kind === 'grant')).toHaveLength(4);
  });

  it('gives its quota back when the call is released', async () => {
    const world = await createWorld();
    const child = narrowed(await world.buy('/v1/tile/1/2/3'), branch({ uses: 1 }));
    await claimOf(await world.ask('/v1/tile/1/2/3', { headers: child })).release();
    expect(await spend(world, '/v1/tile/1/2/3', child)).toBe('captured');
    expect(await spend(world, '/v1/tile/1/2/3', child)).toBe('challenge');
  });

  it('counts the share of the price of each call against max_sats, rounded up', async () => {
    const threeForOneSat = { ...TILE, price: { model: 'per_request', priceMsat: 1_000, uses: 3 } as const };
    const world = await createWorld({ endpoints: [threeForOneSat, FORECAST] });
    const child = narrowed(await world.buy('/v1/tile/1/2/3'), branch({ maxSats: 1 }));
    const results = [];
    for (let round = 0; round < 3; round += 1) results.push(await spend(world, '/v1/tile/1/2/3', child));
    expect(results).toEqual(['captured', 'captured', 'challenge']);
    const exact = narrowed(await world.buy(BERLIN), branch({ maxSats: 5 }));
    expect(await spend(world, BERLIN, exact)).toBe('captured');
  });

  it('is held to its path, its method and its time', async () => {
    const world = await createWorld();
    const root = await world.buy('/v1/tile/1/2/3');
    const child = narrowed(
      root,
      branch({ pathPrefix: '/v1/tile/1', method: 'GET', validUntilMs: world.nowMs() + 1_000 }),
    );
    expect(await said(world, '/v1/tile/1/7/7', child)).toBe('claim');
    expect(await said(world, '/v1/tile/10/7/7', child)).toBe('challenge');
    expect(await said(world, '/v1/tile/1/7/7', child, { method: 'HEAD' })).toBe('challenge');
    world.advance(1_000);
    expect(await said(world, '/v1/tile/1/7/7', child)).toBe('challenge');
    expect(await said(world, '/v1/tile/1/7/7', root)).toBe('claim');
  });

  it('can revoke itself and what came from it, never its parent or its siblings', async () => {
    const world = await createWorld();
    const root = await world.buy('/v1/tile/1/2/3');
    const [child, sibling] = [narrowed(root, branch({ uses: 5 })), narrowed(root, branch({ uses: 5 }))];
    const grandchild = narrowed(child, branch({ uses: 5 }));
    expect(await spend(world, '/v1/tile/1/2/3', grandchild)).toBe('captured');
    expect(await world.gate.revoke(child)).toEqual({ ok: true });
    expect(await spend(world, '/v1/tile/1/2/3', child)).toBe('challenge');
    expect(await spend(world, '/v1/tile/1/2/3', grandchild)).toBe('challenge');
    expect(await spend(world, '/v1/tile/1/2/3', sibling)).toBe('captured');
    expect(await spend(world, '/v1/tile/1/2/3', root)).toBe('captured');
  });
});

describe('a revocation', () => {
  it('needs a good credential', async () => {
    const world = await createWorld();
    const { macaroonText } = credentialParts(await world.buy(BERLIN));
    const refused = { ok: false, code: 'CREDENTIAL_REFUSED' };
    expect(await world.gate.revoke([])).toEqual(refused);
    expect(await world.gate.revoke(['Authorization', 'Bearer x'])).toEqual(refused);
    expect(await world.gate.revoke(['Authorization', `L402 ${macaroonText}:${'00'.repeat(32)}`])).toEqual(refused);
    expect(world.storeCalls).toEqual([]);
  });

  it('is refused where 256 branches of the payment are revoked, and never of what is above them', async () => {
    const world = await createWorld();
    const root = await world.buy('/v1/tile/1/2/3');
    const agent = narrowed(root, branch({ uses: 5 }));
    for (let round = 0; round < 256; round += 1) {
      expect(await world.gate.revoke(narrowed(agent, branch({})))).toEqual({ ok: true });
    }
    const other = narrowed(root, branch({ uses: 5 }));
    expect(await world.gate.revoke(other)).toEqual({ ok: false, code: 'TOO_MANY_REVOCATIONS' });
    expect(await world.gate.revoke(agent)).toEqual({ ok: true });
    expect(await said(world, '/v1/tile/1/2/3', narrowed(agent, branch({})))).toBe('challenge');
    expect(await world.gate.revoke(other)).toEqual({ ok: true });
    expect(await said(world, '/v1/tile/1/2/3', other)).toBe('challenge');
    expect(await spend(world, '/v1/tile/1/2/3', root)).toBe('captured');
  });

  it('is kept for as long as the branch could live, a day for clocks included, and not kept at all after', async () => {
    const kept: number[] = [];
    const world = await createWorld({
      store: (clock) => {
        const store = createMemoryClaimStore({ clock });
        return changedStore(store, {
          revoke: (revocation) => {
            kept.push(revocation.keepUntilMs);
            return store.revoke(revocation);
          },
        });
      },
    });
    const validUntilMs = world.nowMs() + 60_000;
    const child = narrowed(await world.buy('/v1/tile/1/2/3'), branch({ validUntilMs }));
    expect(await world.gate.revoke(child)).toEqual({ ok: true });
    world.advance(86_460_000);
    expect(await world.gate.revoke(child)).toEqual({ ok: true });
    expect(kept).toEqual([validUntilMs + 86_400_000]);
  });
});

describe('a request that the shell answers by itself', () => {
  it('counts against the limits of its address, and of its address and path', async () => {
    const limits = {
      requestsPerAddress: { burst: 3, perSecond: 1 },
      requestsPerAddressAndEndpoint: { burst: 2, perSecond: 1 },
    };
    const { gate } = await createWorld({ limits });
    expect([1, 2, 3].map(() => gate.admit('2001:db8::1', '/revoke'))).toEqual([0, 0, 1_000]);
    expect(gate.admit('2001:db8::2', '/other')).toBe(1_000);
    expect(gate.admit('203.0.113.7', '/revoke')).toBe(0);
  });
});
