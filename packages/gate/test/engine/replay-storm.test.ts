import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../../../../test/support/postgres/index.js';
import { type ClaimStore, createMemoryClaimStore } from '../../src/claim-store/index.js';
import type { Decision } from '../../src/engine/index.js';
import { claimOf, describeDecision, requestFacts, TILE } from './helpers.js';
import { createWorld } from './world.js';

const TARGET = '/v1/tile/1/2/3';
const SEVEN = { ...TILE, price: { model: 'per_request', priceMsat: 250, uses: 7 } as const };

async function postgresStores(count: number): Promise<ClaimStore[]> {
  const database = await createTestDatabase();
  const stores = await Promise.all(Array.from({ length: count }, () => openPostgresClaimStore({ url: database.url })));
  onTestFinished(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });
  return stores;
}

function count(decisions: readonly Decision[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const decision of decisions) counts[describeDecision(decision)] = (counts[describeDecision(decision)] ?? 0) + 1;
  return counts;
}

async function captureAll(decisions: readonly Decision[]): Promise<string[]> {
  return Promise.all(
    decisions.filter((decision) => decision.kind === 'grant').map((decision) => claimOf(decision).capture()),
  );
}

describe('200 replays of one payment at the same time', () => {
  it.each<[string, () => Promise<ClaimStore>]>([
    ['the memory store', () => Promise.resolve(createMemoryClaimStore())],
    ['PostgreSQL', async () => (await postgresStores(1))[0] ?? createMemoryClaimStore()],
  ])('buy exactly what was paid for, on %s', async (_, open) => {
    const store = await open();
    const world = await createWorld({ endpoints: [SEVEN], store: () => store });
    const headers = await world.buy(TARGET);
    const decisions = await Promise.all(Array.from({ length: 200 }, () => world.ask(TARGET, { headers })));
    expect(count(decisions)).toEqual({ claim: 7, CLAIM_IN_PROGRESS: 193 });
    expect(await captureAll(decisions)).toEqual(Array(7).fill('captured'));
    const again = await Promise.all(Array.from({ length: 50 }, () => world.ask(TARGET, { headers })));
    expect(count(again)).toEqual({ challenge: 50 });
  });

  it('buy exactly what was paid for on two replicas that share a database and a key ring', async () => {
    const [left, right] = await postgresStores(2);
    if (left === undefined || right === undefined) throw new TypeError('two stores were expected');
    const one = await createWorld({ endpoints: [SEVEN], store: () => left });
    const two = await createWorld({ endpoints: [SEVEN], store: () => right });
    two.keyRing = one.keyRing;
    const headers = await one.buy(TARGET);
    const decisions = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? one : two).gate.decide(requestFacts(TARGET, { headers })),
      ),
    );
    expect(count(decisions)).toEqual({ claim: 7, CLAIM_IN_PROGRESS: 193 });
    expect(await captureAll(decisions)).toEqual(Array(7).fill('captured'));
    expect(describeDecision(await two.ask(TARGET, { headers }))).toBe('challenge');
  });

  it('with one Idempotency-Key are one call, whichever replica they reach', async () => {
    const [left, right] = await postgresStores(2);
    if (left === undefined || right === undefined) throw new TypeError('two stores were expected');
    const one = await createWorld({ endpoints: [SEVEN], store: () => left });
    const two = await createWorld({ endpoints: [SEVEN], store: () => right });
    two.keyRing = one.keyRing;
    const headers = [...(await one.buy(TARGET)), 'Idempotency-Key', 'one-call'];
    const ask = (index: number) => (index % 2 === 0 ? one : two).ask(TARGET, { headers });
    const decisions = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(index)));
    expect(count(decisions)).toEqual({ claim: 1, IDEMPOTENCY_IN_PROGRESS: 99 });
    await captureAll(decisions);
    expect(count(await Promise.all([ask(0), ask(1)]))).toEqual({ replay: 2 });
  });
});
