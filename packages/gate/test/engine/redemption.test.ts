import { SatwayError } from '@satway/base';
import { createKeyRing } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryClaimStore } from '../../src/claim-store/index.js';
import type { Decision } from '../../src/engine/index.js';
import {
  answerOf,
  type Ask,
  branch,
  claimOf,
  credentialParts,
  describeDecision,
  FORECAST,
  headerOf,
  masterKey,
  narrowed,
  TILE,
} from './helpers.js';
import { changedStore, createWorld, type World } from './world.js';

const BERLIN = '/v1/forecast/berlin';

async function said(world: World, target: string, headers: readonly string[], ask: Ask = {}): Promise<string> {
  return describeDecision(await world.ask(target, { ...ask, headers }));
}

/** Redeems once and captures. */
async function spend(world: World, target: string, headers: readonly string[]): Promise<string> {
  const decision = await world.ask(target, { headers });
  return decision.kind === 'grant' ? claimOf(decision).capture() : describeDecision(decision);
}

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

describe('a refused credential', () => {
  /** What every refusal has in common once the challenge itself is taken out. */
  function withoutChallenge(decision: Decision): string {
    if (decision.kind !== 'challenge') return describeDecision(decision);
    const body: Record<string, string> = JSON.parse(answerOf(decision).body);
    const ofThisOffer = ['macaroon', 'invoice', 'paymentHash', 'expiresAt'].map((field) => body[field] ?? '');
    return ofThisOffer.reduce((text, value) => text.replaceAll(value, '…'), JSON.stringify(answerOf(decision)));
  }

  async function refusals(): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    const world = await createWorld();
    const foreign = await createWorld({ tenant: { id: '00000000-0000-4000-8000-000000000001', slug: 'other' } });
    foreign.keyRing = world.keyRing;
    const good = await world.buy(BERLIN);
    const { macaroonText, preimageHex } = credentialParts(good);
    const bytes = Buffer.from(macaroonText, 'base64');
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 1] = (flipped[bytes.length - 1] ?? 0) ^ 1;
    const ask = async (name: string, headers: readonly string[], target = BERLIN, method = 'GET') => {
      seen.set(name, withoutChallenge(await world.ask(target, { method, headers, from: `10.0.0.${seen.size}` })));
    };
    await ask('forged', ['Authorization', `L402 ${flipped.toString('base64')}:${preimageHex}`]);
    await ask('truncated', ['Authorization', `L402 ${bytes.subarray(0, 100).toString('base64')}:${preimageHex}`]);
    await ask('garbage', ['Authorization', 'L402 garbage']);
    await ask('empty', ['Authorization', 'L402 ']);
    await ask('no base64', ['Authorization', `L402 %%%:${preimageHex}`]);
    await ask('wrong preimage', ['Authorization', `L402 ${macaroonText}:${'00'.repeat(32)}`]);
    await ask('short preimage', ['Authorization', `L402 ${macaroonText}:${preimageHex.slice(2)}`]);
    await ask('two lines', [...good, ...good]);
    await ask('two different lines', [...good, 'authorization', 'Bearer x']);
    await ask('payment scheme', ['Authorization', 'Payment e30']);
    await ask('wider endpoint', await world.buy('/v1/tile/1/2/3'));
    await ask('another tenant', await foreign.buy(BERLIN));
    await ask('widened by a caveat', narrowed(good, ['expires_at=9999999999999', 'uses=1000']));
    await ask('unknown caveat', narrowed(good, ['colour=red']));
    await ask('malformed caveat', narrowed(good, ['n_uses=0']));
    await ask('wrong method', narrowed(good, ['method=POST']));
    await ask('wrong path', narrowed(good, branch({ pathPrefix: '/v1/forecast/oslo' })));
    await ask('narrowed and late', narrowed(good, [`valid_until=${world.nowMs() - 1}`]));
    const revoked = narrowed(good, branch({ uses: 1 }));
    await world.gate.revoke(revoked);
    await ask('revoked', revoked);
    await ask('child of a revoked one', narrowed(revoked, branch({ uses: 1 })));
    const bounded = narrowed(good, branch({ maxSats: 4 }));
    await ask('quota too small', bounded);
    expect(await spend(world, BERLIN, good)).toBe('captured');
    await ask('consumed', good);
    const old = await world.buy(BERLIN, { from: '10.9.9.9' });
    world.advance(3_600_001);
    await ask('expired', old);
    return seen;
  }

  it('is answered with a fresh challenge, byte for byte the same for every cause', async () => {
    const seen = await refusals();
    expect(seen.size).toBe(23);
    const [first = ''] = seen.values();
    expect(first).toContain('"status":402');
    expect(first).toContain('["X-Payment-Outcome","not_charged"]');
    for (const [name, answer] of seen) expect({ name, answer }).toEqual({ name, answer: first });
  });

  it('differs from a first challenge only in saying that nothing was charged', async () => {
    const world = await createWorld();
    const plain = withoutChallenge(await world.ask(BERLIN));
    const refused = withoutChallenge(await world.ask(BERLIN, { headers: ['Authorization', 'L402 x:y'] }));
    expect(refused.replace(',["X-Payment-Outcome","not_charged"]', '')).toBe(plain);
  });

  it('tells the seller why, without the credential', async () => {
    const world = await createWorld();
    const credential = await world.buy(BERLIN);
    await spend(world, BERLIN, credential);
    await said(world, BERLIN, credential);
    expect(world.events).toContainEqual({ type: 'credential_refused', endpointId: 'forecast', reason: 'consumed' });
    const { macaroonText, preimageHex } = credentialParts(credential);
    const log = JSON.stringify(world.events);
    expect(log).not.toContain(macaroonText);
    expect(log).not.toContain(preimageHex);
  });

  it('costs the store nothing unless it verified', async () => {
    const world = await createWorld();
    for (const value of ['L402 x:y', `L402 ${'A'.repeat(400)}:${'0'.repeat(64)}`, 'L402 a:b:c'])
      await said(world, BERLIN, ['Authorization', value]);
    expect(world.storeCalls).toEqual([]);
  });
});

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

  it('is void where the seller says so', async () => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const credential = await world.buy(BERLIN);
    world.gate.replaceSnapshot([{ ...dearer, quotesValidAfterMs: world.nowMs() + 1 }]);
    expect(await said(world, BERLIN, credential)).toBe('challenge');
    world.gate.replaceSnapshot([{ ...dearer, quotesValidAfterMs: world.nowMs() }]);
    expect(await said(world, BERLIN, credential)).toBe('claim');
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
});

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
});

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
