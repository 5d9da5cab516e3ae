import { createKeyRing } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { masterKey } from './helpers.js';
import { createWorld, said, spend } from './world.js';

const BERLIN = '/v1/forecast/berlin';

describe('keys', () => {
  it('rotate without a restart and without refusing what was good a second ago', async () => {
    const world = await createWorld();
    const old = masterKey(0);
    world.keyRing = createKeyRing([old]);
    const credential = await world.buy('/v1/tile/1/2/3');
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('captured');
    const next = masterKey(world.nowMs());
    world.keyRing = createKeyRing([next, { ...old, verifyUntilMs: world.nowMs() + 10_000 }]);
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('captured');
    const newer = await world.buy('/v1/tile/1/2/3', { from: '10.0.0.1' });
    world.keyRing = createKeyRing([next]);
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('challenge');
    expect(await spend(world, '/v1/tile/1/2/3', newer)).toBe('captured');
  });

  it('stop to verify when their time is over, also for a credential that is cached', async () => {
    const world = await createWorld();
    const old = masterKey(0);
    world.keyRing = createKeyRing([old]);
    const credential = await world.buy('/v1/tile/1/2/3');
    world.keyRing = createKeyRing([masterKey(world.nowMs()), { ...old, verifyUntilMs: world.nowMs() + 10_000 }]);
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('captured');
    world.advance(9_000);
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('captured');
    world.advance(1_001);
    expect(await spend(world, '/v1/tile/1/2/3', credential)).toBe('challenge');
  });

  it('of another ring are unknown', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    world.keyRing = createKeyRing([masterKey(0)]);
    expect(await said(world, BERLIN, credential)).toBe('challenge');
  });
});
