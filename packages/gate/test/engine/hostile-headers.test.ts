import { array, assert, asyncProperty, constantFrom, integer, nat, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../../src/engine/index.js';
import { branch, credentialParts, describeDecision, narrowed, requestFacts } from './helpers.js';
import { createWorld } from './world.js';

const TARGET = '/v1/tile/1/2/3';

describe('whatever a caller sends', () => {
  it('is decided without a throw, and never granted without a payment', async () => {
    const world = await createWorld();
    const name = oneof(constantFrom('Authorization', 'authorization', 'Idempotency-Key', 'Cookie'), string());
    const scheme = constantFrom('L402 ', 'LSAT ', 'l402\t', 'Payment ', 'Nostr ', '');
    const header = [name, scheme, string({ unit: 'binary', maxLength: 200 })] as const;
    await assert(
      asyncProperty(
        array(oneof(...header), { maxLength: 8 }),
        constantFrom('GET', 'HEAD', 'get', ''),
        async (headers, method) => {
          const decision = await world.gate.decide({ ...requestFacts(TARGET, { headers }), method });
          expect(decision.kind).not.toBe('grant');
        },
      ),
      { numRuns: 300 },
    );
    expect(world.storeCalls).toEqual([]);
  });

  it('with one byte of a good credential changed is refused', async () => {
    const world = await createWorld();
    const { macaroonText, preimageHex } = credentialParts(narrowed(await world.buy(TARGET), branch({ uses: 5 })));
    const bytes = Buffer.from(macaroonText, 'base64');
    const secret = Buffer.from(preimageHex, 'hex');
    const changed = (original: Buffer, at: number, by: number): Buffer => {
      const copy = Buffer.from(original);
      copy[at] = (copy[at] ?? 0) ^ by;
      return copy;
    };
    const ask = async (macaroon: Buffer, preimage: Buffer): Promise<string> => {
      const value = `L402 ${macaroon.toString('base64')}:${preimage.toString('hex')}`;
      return describeDecision(await world.ask(TARGET, { headers: ['Authorization', value] }));
    };
    await assert(
      asyncProperty(
        nat({ max: bytes.length - 1 }),
        nat({ max: 31 }),
        integer({ min: 1, max: 255 }),
        async (at, inSecret, by) => {
          expect(await ask(changed(bytes, at, by), secret)).toBe('challenge');
          expect(await ask(bytes, changed(secret, inSecret, by))).toBe('challenge');
        },
      ),
      { numRuns: 200 },
    );
    expect(world.storeCalls).toEqual([]);
    expect(await ask(bytes, secret)).toBe('claim');
  });

  it('as an address is counted, never trusted', async () => {
    const world = await createWorld({ limits: { requestsPerAddress: { burst: 2, perSecond: 1 } } });
    const facts: RequestFacts = { ...requestFacts('/ping'), callerAddress: 'not an address' };
    const seen = [];
    for (let round = 0; round < 3; round += 1) seen.push(describeDecision(await world.gate.decide(facts)));
    expect(seen).toEqual(['free', 'free', 'TOO_MANY_REQUESTS']);
  });
});
