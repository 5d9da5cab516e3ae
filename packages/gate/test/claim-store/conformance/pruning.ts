import type { ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { another, claimRequest, type ClaimStoreHarness, HOUR_MS, newHash } from '../harness.js';

/** What may be forgotten, and what never. */
export function pruning(harnessOf: () => ClaimStoreHarness): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(() => {
    harness = harnessOf();
    ({ store } = harness);
  });

  describe('pruning', () => {
    test('keeps what can still matter', async () => {
      const request = claimRequest({ keepUntilMs: harness.nowMs() + HOUR_MS });
      await store.claim(request);
      await store.capture(request);
      await store.prune();
      expect(await store.claim(another(request))).toEqual({ outcome: 'consumed' });
    });

    test('never reopens: past its keeping time a payment is consumed, record or no record', async () => {
      const chainHashHex = newHash();
      const keepUntilMs = harness.nowMs() + HOUR_MS;
      const request = claimRequest({ keepUntilMs, chainHashesHex: [chainHashHex] });
      await store.claim(request);
      await store.capture(request);
      await store.revoke({ ...request, chainHashesHex: [newHash()] });
      await harness.letTimePass(2 * HOUR_MS);
      expect(await store.prune()).toBeGreaterThanOrEqual(2);
      const late = another(request, { keepUntilMs: harness.nowMs() - 1 });
      expect(await store.claim(late)).toEqual({ outcome: 'consumed' });
    });

    test('the longest life that any credential of the payment named is the one that counts', async () => {
      const request = claimRequest({ uses: 2, keepUntilMs: harness.nowMs() + HOUR_MS });
      const longer = another(request, { keepUntilMs: harness.nowMs() + 100 * HOUR_MS });
      for (const claim of [request, longer]) {
        await store.claim(claim);
        await store.capture(claim);
      }
      await harness.letTimePass(2 * HOUR_MS);
      await store.prune();
      expect(await store.claim(another(longer))).toEqual({ outcome: 'consumed' });
    });

    test('a claim that is held is never pruned under its holder', async () => {
      const request = claimRequest({ keepUntilMs: harness.nowMs() + 1_000, leaseMs: HOUR_MS });
      await store.claim(request);
      await harness.letTimePass(1_001);
      await store.prune();
      expect(await store.capture(request)).toBe(true);
    });
  });
}
