import { SatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { createMemoryClaimStore } from '../../src/claim-store/index.js';
import { claimOf, FORECAST, readOffer, TENANT, TILE } from './helpers.js';
import { createWorld, said, spend } from './world.js';

const BERLIN = '/v1/forecast/berlin';

describe('a quote', () => {
  const dearer = { ...FORECAST, price: { model: 'per_request', priceMsat: 50_000_000, uses: 1 } as const };

  it('holds when the price rises after the sale', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const credential = await world.buy(BERLIN);
    world.gate.replaceSnapshot([dearer]);
    expect(claimOf(await world.ask(BERLIN, { headers: credential })).priceMsat).toBe(5_000);
  });

  it('holds when the price falls: as many calls as were sold, not as today’s price would give', async () => {
    const world = await createWorld({ endpoints: [TILE] });
    const credential = await world.buy('/v1/tile/1/2/3');
    world.gate.replaceSnapshot([{ ...TILE, price: { model: 'per_request', priceMsat: 1, uses: 1 } }]);
    expect(claimOf(await world.ask('/v1/tile/1/2/3', { headers: credential }))).toMatchObject({
      priceMsat: 250,
      uses: 20,
    });
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('captured');
  });

  it('of one endpoint does not open a dearer one', async () => {
    const world = await createWorld({ endpoints: [FORECAST, { ...dearer, id: 'gold', path: '/v1/gold' }] });
    const credential = await world.buy(BERLIN);
    expect(await said(world, '/v1/gold', credential)).toBe('challenge');
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'credential_refused', endpointId: 'gold' }));
  });

  it('holds when the seller takes another slug', async () => {
    const claims = createMemoryClaimStore();
    const before = await createWorld({ store: () => claims });
    const credential = await before.buy(BERLIN);
    const after = await createWorld({ store: () => claims, tenant: { ...TENANT, slug: 'acme-weather' } });
    after.keyRing = before.keyRing;
    expect(await spend(after, BERLIN, credential)).toBe('captured');
    expect(await said(after, BERLIN, credential)).toBe('challenge');
  });

  it('is void where the seller says so', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const credential = await world.buy(BERLIN);
    const soldAtMs = world.nowMs();
    world.advance(1);
    world.gate.replaceSnapshot([{ ...dearer, quotesValidAfterMs: soldAtMs + 1 }]);
    expect(await said(world, BERLIN, credential)).toBe('challenge');
    world.gate.replaceSnapshot([{ ...dearer, quotesValidAfterMs: soldAtMs }]);
    expect(await said(world, BERLIN, credential)).toBe('claim');
  });

  it('that was voided before it was paid is not given again', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const first = readOffer(await world.ask(BERLIN));
    world.advance(1);
    world.gate.replaceSnapshot([{ ...FORECAST, quotesValidAfterMs: world.nowMs() }]);
    expect(readOffer(await world.ask(BERLIN)).invoice).not.toBe(first.invoice);
    expect(await said(world, BERLIN, await world.buy(BERLIN))).toBe('claim');
  });

  it('is not asked for where the call has become free', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const credential = await world.buy(BERLIN);
    world.gate.replaceSnapshot([{ ...FORECAST, price: { model: 'free' } }]);
    expect(await said(world, BERLIN, credential)).toBe('free');
    expect(world.storeCalls).toEqual([]);
  });
});

describe('a snapshot that cannot be honoured', () => {
  it('is refused, and the old one stays', async () => {
    const world = await createWorld();
    expect(() => world.gate.replaceSnapshot([{ ...FORECAST, id: 'X' }])).toThrow(SatwayError);
    expect(await said(world, BERLIN, [])).toBe('challenge');
  });

  it('is refused where the clock says that what it sells would be void', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const ahead = [{ ...FORECAST, quotesValidAfterMs: world.nowMs() + 1 }];
    expect(() => world.gate.replaceSnapshot(ahead)).toThrow(/must not lie ahead/);
    await expect(
      createWorld({ endpoints: [{ ...FORECAST, quotesValidAfterMs: Date.now() + 60_000 }] }),
    ).rejects.toThrow(/must not lie ahead/);
    world.advance(1);
    world.gate.replaceSnapshot(ahead);
    expect(await said(world, BERLIN, await world.buy(BERLIN))).toBe('claim');
  });
});
