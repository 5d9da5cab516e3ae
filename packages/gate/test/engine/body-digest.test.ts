import { describe, expect, it } from 'vitest';
import { type Ask, describeDecision } from './helpers.js';
import { createWorld, type World } from './world.js';

const BERLIN = '/v1/forecast/berlin';
const KEY = ['Idempotency-Key', 'k'.repeat(32)] as const;

/** What the shell was told, each time it was asked for the digest of the body. */
async function askedToKeep(world: World, ask: Ask): Promise<{ decision: string; keeps: unknown[] }> {
  const keeps: unknown[] = [];
  const facts = world.facts(BERLIN, ask);
  const decision = await world.gate.decide({
    ...facts,
    readBodyDigest: (options) => {
      keeps.push(options?.keepBody);
      return facts.readBodyDigest(options);
    },
  });
  return { decision: describeDecision(decision), keeps };
}

describe('the body of a request', () => {
  it.each<[string, readonly string[]]>([
    ['without a credential', []],
    ['with a key and without a credential', KEY],
    ['with a credential that is none', ['Authorization', `L402 AgEG:${'00'.repeat(32)}`, ...KEY]],
  ])('is not held %s: its digest alone is needed', async (_which, headers) => {
    const world = await createWorld();
    expect(await askedToKeep(world, { headers, body: 'x' })).toEqual({ decision: 'challenge', keeps: [false] });
  });

  it('is held where a paid call depends on it, and not read before the decision where none does', async () => {
    const world = await createWorld();
    const keyed = [...(await world.buy(BERLIN)), ...KEY];
    expect(await askedToKeep(world, { headers: keyed, body: 'x' })).toEqual({ decision: 'claim', keeps: [true] });
    const plain = await world.buy(BERLIN);
    expect(await askedToKeep(world, { headers: plain, body: 'x' })).toEqual({ decision: 'claim', keeps: [] });
  });
});
