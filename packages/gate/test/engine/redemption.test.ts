import { SatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { createMemoryClaimStore } from '../../src/claim-store/index.js';
import { answerOf, branch, claimOf, credentialParts, describeDecision, headerOf, narrowed } from './helpers.js';
import { changedStore, createWorld, said, spend } from './world.js';

const BERLIN = '/v1/forecast/berlin';

describe('a paid credential', () => {
  it('opens what it was sold for, once', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    const decision = await world.ask(BERLIN, { headers: credential });
    const claim = claimOf(decision);
    expect(claim).toMatchObject({
      priceMsat: 5_000,
      model: 'per_request',
      uses: 1,
      keepsAnswer: false,
      maxKeptBodyBytes: 0,
    });
    expect(await claim.capture()).toBe('captured');
    expect(await claim.capture()).toBe('captured');
    expect(await said(world, BERLIN, credential)).toBe('challenge');
  });

  it('is good for any city of the endpoint, for HEAD, and in every spelling of the header', async () => {
    const world = await createWorld();
    const { macaroonText, preimageHex } = credentialParts(await world.buy('/v1/tile/1/2/3'));
    const urlSafe = macaroonText.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    for (const value of [
      `L402 ${macaroonText}:${preimageHex}`,
      `LSAT ${macaroonText}:${preimageHex}`,
      `l402 ${urlSafe}:${preimageHex.toUpperCase()}`,
    ]) {
      expect(await spend(world, '/v1/tile/9/9/9', ['authorization', value])).toBe('captured');
    }
    expect(
      await said(world, '/v1/tile/1/2/3', ['Authorization', `L402 ${macaroonText}:${preimageHex}`], { method: 'HEAD' }),
    ).toBe('claim');
  });

  it('can be redeemed again after a release, which is told to the origin’s caller as free', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    const claim = claimOf(await world.ask(BERLIN, { headers: credential }));
    expect(await claim.release()).toBe('released');
    expect(await claim.release()).toBe('released');
    expect(await claim.capture()).toBe('lost');
    expect(await spend(world, BERLIN, credential)).toBe('captured');
    expect(await claim.capture()).toBe('lost');
  });

  it('is ended once: what comes after asks the store nothing', async () => {
    const world = await createWorld();
    const [captured, released] = [
      claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) })),
      claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN, { from: '10.0.0.1' }) })),
    ];
    await captured.capture();
    await released.release();
    const calls = [...world.storeCalls];
    expect([await captured.release(), await captured.capture()]).toEqual(['lost', 'captured']);
    expect([await released.release(), await released.capture()]).toEqual(['released', 'lost']);
    expect(world.storeCalls).toEqual(calls);
  });

  it('keeps no answer where nobody could ask for it again', async () => {
    const kept: unknown[] = [];
    const world = await createWorld({
      store: (nowMs) => {
        const store = createMemoryClaimStore({ clock: nowMs });
        const capture: typeof store.capture = (ref, answer) => {
          kept.push(answer);
          return store.capture(ref, answer);
        };
        return changedStore(store, { capture });
      },
    });
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await claim.capture({ status: 200, rawHeaders: [], body: Buffer.from('sunny') });
    expect(kept).toEqual([undefined]);
  });

  it('that is in use this moment is told 409 with Retry-After and no challenge', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    claimOf(await world.ask(BERLIN, { headers: credential }));
    const decision = await world.ask(BERLIN, { headers: credential });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'CLAIM_IN_PROGRESS', answer: { status: 409 } });
    expect(Number(headerOf(answerOf(decision), 'Retry-After'))).toBeGreaterThanOrEqual(1);
    expect(headerOf(answerOf(decision), 'WWW-Authenticate')).toBeUndefined();
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBe('not_charged');
    expect(headerOf(answerOf(decision), 'X-Payment-Code')).toBe('claim_in_progress');
    expect(JSON.parse(answerOf(decision).body)).toMatchObject({ code: 'claim_in_progress', status: 409 });
    expect(world.issued).toBe(1);
  });

  it('rests after its second release', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    for (let round = 0; round < 2; round += 1) {
      expect(await claimOf(await world.ask(BERLIN, { headers: credential })).release()).toBe('released');
    }
    expect(await world.ask(BERLIN, { headers: credential })).toMatchObject({
      code: 'PAYMENT_RESTING',
      answer: { status: 409 },
    });
    world.advance(60_000);
    expect(await spend(world, BERLIN, credential)).toBe('captured');
  });

  it('buys as many calls as it says, however many ask at once', async () => {
    const world = await createWorld();
    const credential = await world.buy('/v1/tile/1/2/3');
    const decisions = await Promise.all(
      Array.from({ length: 200 }, () => world.ask('/v1/tile/1/2/3', { headers: credential })),
    );
    const granted = decisions.filter((decision) => decision.kind === 'grant');
    expect(granted).toHaveLength(20);
    expect(new Set(granted.map((decision) => claimOf(decision).claimId)).size).toBe(20);
    expect(decisions.filter((decision) => describeDecision(decision) === 'CLAIM_IN_PROGRESS')).toHaveLength(180);
    await Promise.all(granted.map((decision) => claimOf(decision).capture()));
    expect(await said(world, '/v1/tile/1/2/3', credential)).toBe('challenge');
  });

  it('keeps its record for a day longer than any credential of its payment can live, whatever a holder adds', async () => {
    const kept: number[] = [];
    const world = await createWorld({
      store: (nowMs) => {
        const store = createMemoryClaimStore({ clock: nowMs });
        return changedStore(store, {
          claim: (request: Parameters<typeof store.claim>[0]) => {
            kept.push(request.keepUntilMs - nowMs());
            return store.claim(request);
          },
        });
      },
    });
    const credential = await world.buy('/v1/tile/1/2/3');
    await spend(world, '/v1/tile/1/2/3', narrowed(credential, branch({ validUntilMs: world.nowMs() + 1_000 })));
    expect(kept).toEqual([3_600_000 + 86_400_000]);
  });
});

describe('a store that cannot answer', () => {
  function brokenAt(...methods: string[]) {
    return (nowMs: () => number) => {
      const store = createMemoryClaimStore({ clock: nowMs });
      const broken = () => Promise.reject(new SatwayError('STORE_UNAVAILABLE'));
      return changedStore(store, Object.fromEntries(methods.map((method) => [method, broken])));
    };
  }

  it('refuses paid requests with 503 and no challenge, and leaves everything else as it is', async () => {
    const world = await createWorld({ store: brokenAt('claim') });
    const credential = await world.buy(BERLIN);
    const decision = await world.ask(BERLIN, { headers: credential });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'STORE_UNAVAILABLE', answer: { status: 503 } });
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBe('not_charged');
    expect(headerOf(answerOf(decision), 'Retry-After')).toBe('1');
    expect(headerOf(answerOf(decision), 'WWW-Authenticate')).toBeUndefined();
    expect(await said(world, '/ping', [])).toBe('free');
    expect(await said(world, '/v1/forecast/oslo', [])).toBe('challenge');
  });

  it('is not blamed for a claim that it cannot take: that is a mistake of the gate, and no repetition mends it', async () => {
    const withBadId = (nowMs: () => number) => {
      const store = createMemoryClaimStore({ clock: nowMs });
      return changedStore(store, { claim: (request) => store.claim({ ...request, claimId: 'no UUID' }) });
    };
    const world = await createWorld({ store: withBadId });
    const decision = await world.ask(BERLIN, { headers: await world.buy(BERLIN) });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'CLAIM_MALFORMED', answer: { status: 500 } });
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBe('not_charged');
    expect(headerOf(answerOf(decision), 'Retry-After')).toBeUndefined();
    const refused = world.events.find((event) => event.type === 'refused');
    expect(refused).toMatchObject({ code: 'CLAIM_MALFORMED', cause: { code: 'CLAIM_MALFORMED' } });
  });

  it('makes a capture throw, and a release never', async () => {
    const world = await createWorld({ store: brokenAt('capture', 'release') });
    const claim = claimOf(await world.ask(BERLIN, { headers: await world.buy(BERLIN) }));
    await expect(claim.capture()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await claim.release()).toBe('left_to_expire');
    expect(world.events.filter((event) => event.type === 'lease_in_doubt')).toHaveLength(2);
  });
});

describe('a refusal of a request that carried a credential', () => {
  it.each([
    ['/nothing', 'ENDPOINT_NOT_FOUND'],
    ['/v1/submit', 'METHOD_NOT_OFFERED'],
  ])('says for %s that nothing was charged', async (target, code) => {
    const world = await createWorld();
    const decision = await world.ask(target, { headers: await world.buy(BERLIN) });
    expect(decision).toMatchObject({ kind: 'refuse', code });
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBe('not_charged');
  });
});
