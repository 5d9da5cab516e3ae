import { randomUUID } from 'node:crypto';
import type { ClaimRequest, ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, claimRequest, type ClaimStoreHarness, newHash } from '../harness.js';

/** One bad request spoils nothing beside it. */
export function malformedRequests(harnessOf: () => ClaimStoreHarness): void {
  let store: ClaimStore;
  beforeAll(() => {
    ({ store } = harnessOf());
  });

  describe('malformed requests', () => {
    const broken: [string, Partial<ClaimRequest>][] = [
      ['a claim id that is no UUID', { claimId: 'x' }],
      ['a tenant in upper case', { tenantId: randomUUID().toUpperCase() }],
      ['a short payment hash', { paymentHashHex: 'ab' }],
      ['a payment hash with a quote', { paymentHashHex: `${newHash().slice(1)}'` }],
      ['no use', { uses: 0 }],
      ['half a use', { uses: 1.5 }],
      ['a lease of no length', { leaseMs: 0 }],
      ['a time that is not a number', { keepUntilMs: Number.NaN }],
      ['a negative take', { counters: [{ chainHashHex: newHash(), take: -1, cap: 1 }] }],
      ['a cap beyond the safe integers', { counters: [{ chainHashHex: newHash(), take: 1, cap: 2 ** 53 }] }],
      ['a chain hash that is none', { chainHashesHex: ['{}'] }],
      ['a short chain hash before a long one', { chainHashesHex: [newHash().slice(1), `${newHash()}a`] }],
      ['a chain hash with an umlaut', { chainHashesHex: [newHash(), `${newHash().slice(1)}ä`] }],
      ['a key that is no hash', { idempotency: { keyHashHex: 'key', requestDigestHex: newHash() } }],
    ];

    test.each(broken)('%s is refused by name and spoils nothing beside it', async (_, fields) => {
      const good = claimRequest();
      const [refused, granted] = await Promise.allSettled([store.claim(claimRequest(fields)), store.claim(good)]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'CLAIM_MALFORMED', fundsMoved: 'no' } });
      expect(granted).toEqual({ status: 'fulfilled', value: GRANTED });
    });

    test.each([
      ['of no chain', { chainHashesHex: [] }],
      ['of a value that is no hash', { chainHashesHex: [newHash(), '{}'] }],
    ])('a revocation %s is refused', async (_, fields) => {
      await expect(store.revoke({ ...claimRequest(), ...fields })).rejects.toMatchObject({ code: 'CLAIM_MALFORMED' });
    });

    test('a branch named twice in one claim is refused', async () => {
      const counter = { chainHashHex: newHash(), take: 1, cap: 5 };
      await expect(store.claim(claimRequest({ counters: [counter, counter] }))).rejects.toMatchObject({
        code: 'CLAIM_MALFORMED',
      });
    });
  });
}
