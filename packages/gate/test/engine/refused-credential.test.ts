import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/engine/index.js';
import { answerOf, branch, credentialParts, describeDecision, narrowed } from './helpers.js';
import { createWorld, said, spend } from './world.js';

const BERLIN = '/v1/forecast/berlin';

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
