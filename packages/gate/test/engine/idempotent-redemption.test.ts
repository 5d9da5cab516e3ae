import { describe, expect, it } from 'vitest';
import type { Decision, KeptAnswer } from '../../src/engine/index.js';
import { answerOf, type Ask, branch, claimOf, describeDecision, headerOf, narrowed } from './helpers.js';
import { createWorld, type World } from './world.js';

const TILE_PATH = '/v1/tile/1/2/3';
const answer: KeptAnswer = { status: 200, rawHeaders: ['Content-Type', 'text/plain'], body: Buffer.from('sunny') };

function replayed(decision: Decision): KeptAnswer | null {
  if (decision.kind === 'grant' && decision.grant.via === 'replay') return decision.grant.answer;
  throw new TypeError(`a replay was expected, not ${describeDecision(decision)}`);
}

function keyed(credential: readonly string[], key: string, ask: Ask = {}): Ask {
  return { ...ask, headers: [...credential, 'Idempotency-Key', key] };
}

async function captured(world: World, target: string, ask: Ask, kept: KeptAnswer | null = answer): Promise<void> {
  const claim = claimOf(await world.ask(target, ask));
  expect(claim.keepsAnswer).toBe(true);
  expect(await claim.capture(kept)).toBe('captured');
}

describe('a paid request with an Idempotency-Key', () => {
  it('gets the first answer again, also when its payment is used up, and takes nothing more', async () => {
    const world = await createWorld();
    const credential = await world.buy('/v1/forecast/berlin');
    const ask = keyed(credential, 'k1');
    await captured(world, '/v1/forecast/berlin', ask);
    const again = replayed(await world.ask('/v1/forecast/berlin', ask));
    expect(again).toMatchObject({ status: 200, rawHeaders: ['Content-Type', 'text/plain'] });
    expect(Buffer.from(again?.body ?? []).toString()).toBe('sunny');
    expect(describeDecision(await world.ask('/v1/forecast/berlin', { headers: credential }))).toBe('challenge');
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'granted', via: 'replay' }));
  });

  it.each<[string, KeptAnswer | null]>([
    ['nothing was handed in', null],
    ['it is longer than what is kept', { ...answer, body: new Uint8Array(16_385) }],
  ])('is told that the answer was not kept where %s', async (_, kept) => {
    const world = await createWorld();
    const ask = keyed(await world.buy('/v1/forecast/berlin'), 'k1');
    await captured(world, '/v1/forecast/berlin', ask, kept);
    expect(replayed(await world.ask('/v1/forecast/berlin', ask))).toBeNull();
  });

  it('may keep what is as long as allowed', async () => {
    const world = await createWorld({ idempotency: { maxBodyBytes: 20_000 } });
    const ask = keyed(await world.buy('/v1/forecast/berlin'), 'k1');
    const long = { ...answer, body: new Uint8Array(20_000) };
    const claim = claimOf(await world.ask('/v1/forecast/berlin', ask));
    expect(claim.maxKeptBodyBytes).toBe(20_000);
    await claim.capture(long);
    expect(replayed(await world.ask('/v1/forecast/berlin', ask))?.body.byteLength).toBe(20_000);
  });

  it.each<[string, string, Ask]>([
    ['path', '/v1/tile/1/2/4', {}],
    ['query', `${TILE_PATH}?a=1`, {}],
    ['method', TILE_PATH, { method: 'HEAD' }],
    ['body', TILE_PATH, { body: 'x' }],
  ])('that has another %s under the same key is a conflict', async (_, target, change) => {
    const world = await createWorld();
    const credential = await world.buy(TILE_PATH);
    await captured(world, TILE_PATH, keyed(credential, 'k1'));
    const decision = await world.ask(target, keyed(credential, 'k1', change));
    expect(decision).toMatchObject({ kind: 'refuse', code: 'IDEMPOTENCY_CONFLICT', answer: { status: 409 } });
  });

  it('that is still running is told to wait', async () => {
    const world = await createWorld();
    const ask = keyed(await world.buy(TILE_PATH), 'k1');
    claimOf(await world.ask(TILE_PATH, ask));
    const decision = await world.ask(TILE_PATH, ask);
    expect(decision).toMatchObject({ kind: 'refuse', code: 'IDEMPOTENCY_IN_PROGRESS', answer: { status: 409 } });
    expect(Number(headerOf(answerOf(decision), 'Retry-After'))).toBeGreaterThanOrEqual(1);
  });

  it('runs again after a release', async () => {
    const world = await createWorld();
    const ask = keyed(await world.buy('/v1/forecast/berlin'), 'k1');
    await claimOf(await world.ask('/v1/forecast/berlin', ask)).release();
    await captured(world, '/v1/forecast/berlin', ask);
  });

  it('takes a use for each key', async () => {
    const world = await createWorld();
    const credential = await world.buy('/v1/forecast/berlin');
    await captured(world, '/v1/forecast/berlin', keyed(credential, 'k1'));
    expect(describeDecision(await world.ask('/v1/forecast/berlin', keyed(credential, 'k2')))).toBe('challenge');
  });

  it('meets no stranger who chose the same key, whatever he asks for', async () => {
    const world = await createWorld();
    const [mine, theirs] = [await world.buy(TILE_PATH), await world.buy(TILE_PATH, { from: '198.51.100.1' })];
    await captured(world, TILE_PATH, keyed(mine, 'same'));
    expect(describeDecision(await world.ask(TILE_PATH, keyed(theirs, 'same')))).toBe('claim');
    expect(describeDecision(await world.ask('/v1/tile/9/9/9', keyed(theirs, 'same')))).toBe('IDEMPOTENCY_CONFLICT');
    const forged = ['Authorization', mine[1].replace(/.{4}$/, '0000')];
    expect(describeDecision(await world.ask(TILE_PATH, keyed(forged, 'same')))).toBe('challenge');
  });

  it('meets nobody of another branch of the same payment either', async () => {
    const world = await createWorld();
    const root = await world.buy(TILE_PATH);
    const [one, other] = [narrowed(root, branch({ uses: 2 })), narrowed(root, branch({ uses: 2 }))];
    await captured(world, TILE_PATH, keyed(one, 'same'));
    expect(describeDecision(await world.ask(TILE_PATH, keyed(other, 'same')))).toBe('claim');
    expect(replayed(await world.ask(TILE_PATH, keyed(one, 'same')))).not.toBeNull();
  });

  it('loses its answer after its time, but is not charged again for the same key', async () => {
    const world = await createWorld({ idempotency: { keepForMs: 60_000 } });
    const credential = await world.buy(TILE_PATH);
    await captured(world, TILE_PATH, keyed(credential, 'k1'));
    world.advance(59_999);
    expect(replayed(await world.ask(TILE_PATH, keyed(credential, 'k1')))).not.toBeNull();
    world.advance(2);
    expect(replayed(await world.ask(TILE_PATH, keyed(credential, 'k1')))).toBeNull();
  });

  it('reads the body once, and without a key not at all', async () => {
    const world = await createWorld();
    const credential = await world.buy(TILE_PATH);
    let reads = 0;
    const counting = (headers: readonly string[]) => ({
      ...world.facts(TILE_PATH, { headers }),
      readBodyDigest: () => {
        reads += 1;
        return Promise.resolve('00'.repeat(32));
      },
    });
    await world.gate.decide(counting(credential));
    expect(reads).toBe(0);
    await world.gate.decide(counting([...credential, 'Idempotency-Key', 'k1']));
    expect(reads).toBe(1);
    await world.gate.decide(counting(['Authorization', 'L402 x:y', 'Idempotency-Key', 'k1']));
    expect(reads).toBe(2);
  });
});
