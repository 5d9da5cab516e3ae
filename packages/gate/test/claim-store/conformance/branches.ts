import { randomUUID } from 'node:crypto';
import type { ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, another, claimRequest, type ClaimStoreHarness, countOutcome, newHash } from '../harness.js';

/** Counters of a credential's branches, and their revocation. */
export function branches(harnessOf: () => ClaimStoreHarness): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(() => {
    harness = harnessOf();
    ({ store } = harness);
  });

  describe('branch counters', () => {
    test('siblings that together pass the root are refused', async () => {
      const root = newHash();
      const request = claimRequest({ uses: 10 });
      const viaChild = () =>
        another(request, {
          counters: [
            { chainHashHex: root, take: 1, cap: 3 },
            { chainHashHex: newHash(), take: 1, cap: 2 },
          ],
        });
      const results = await Promise.all(Array.from({ length: 5 }, () => store.claim(viaChild())));
      expect(countOutcome(results, 'granted')).toBe(3);
      expect(countOutcome(results, 'claim_in_progress')).toBe(2);
    });

    test('a full counter refuses its branch only, and takes nothing from the others', async () => {
      const [full, open] = [newHash(), newHash()];
      const request = claimRequest({ uses: 10, counters: [{ chainHashHex: full, take: 1, cap: 1 }] });
      await store.claim(request);
      await store.capture(request);
      const both = { take: 1, cap: 1 };
      expect(
        await store.claim(
          another(request, {
            counters: [
              { chainHashHex: open, ...both },
              { chainHashHex: full, ...both },
            ],
          }),
        ),
      ).toEqual({ outcome: 'quota_exhausted' });
      const onOpen = another(request, { counters: [{ chainHashHex: open, ...both }] });
      expect(await store.claim(onOpen)).toEqual(GRANTED);
    });

    test('a release gives back the use and every counter', async () => {
      const counters = [
        { chainHashHex: newHash(), take: 1, cap: 1 },
        { chainHashHex: newHash(), take: 5_000, cap: 5_000 },
      ];
      const request = claimRequest({ counters });
      await store.claim(request);
      await store.release(request);
      expect(await store.claim(another(request))).toEqual(GRANTED);
    });

    test('a lease that ran out gives back the use and every counter', async () => {
      const counters = [{ chainHashHex: newHash(), take: 7, cap: 10 }];
      const request = claimRequest({ uses: 5, counters, leaseMs: 1_000 });
      await store.claim(request);
      expect((await store.claim(another(request))).outcome).toBe('claim_in_progress');
      await harness.letTimePass(1_001);
      expect(await store.claim(another(request))).toEqual(GRANTED);
    });

    test('max_sats is cumulative, and a call that can never fit is told so while another is under way', async () => {
      const chainHashHex = newHash();
      const request = claimRequest({ uses: 5, counters: [{ chainHashHex, take: 600, cap: 1_000 }] });
      await store.claim(request);
      const result = await store.claim(another(request, { counters: [{ chainHashHex, take: 1_001, cap: 1_000 }] }));
      expect(result).toEqual({ outcome: 'quota_exhausted' });
      expect(await store.claim(another(request, { counters: [{ chainHashHex, take: 400, cap: 1_000 }] }))).toEqual(
        GRANTED,
      );
    });

    test('amounts near the largest safe integer are added without overflow', async () => {
      const counter = { chainHashHex: newHash(), take: Number.MAX_SAFE_INTEGER, cap: Number.MAX_SAFE_INTEGER };
      const request = claimRequest({ uses: 3, counters: [counter] });
      await store.claim(request);
      await store.capture(request);
      expect(await store.claim(another(request))).toEqual({ outcome: 'quota_exhausted' });
    });
  });

  describe('revocation', () => {
    test('kills a branch and what hangs on it, never its parent or its siblings', async () => {
      const [root, child, grandchild, sibling] = [newHash(), newHash(), newHash(), newHash()];
      const request = claimRequest({ uses: 10, chainHashesHex: [root] });
      await store.revoke({ ...request, chainHashHex: child });
      const outcome = async (chainHashesHex: string[]) =>
        (await store.claim(another(request, { chainHashesHex }))).outcome;
      expect(await outcome([root, child])).toBe('revoked');
      expect(await outcome([root, child, grandchild])).toBe('revoked');
      expect(await outcome([root, sibling])).toBe('granted');
      expect(await outcome([root])).toBe('granted');
    });

    test('holds at once for a claim that was not yet made, and a claim under way may still be captured', async () => {
      const chainHashesHex = [newHash()];
      const request = claimRequest({ uses: 2, chainHashesHex });
      await store.claim(request);
      await store.revoke({ ...request, chainHashHex: chainHashesHex[0] ?? '' });
      expect(await store.claim(another(request))).toEqual({ outcome: 'revoked' });
      expect(await store.capture(request)).toBe(true);
    });

    test('at one tenant says nothing at another', async () => {
      const chainHashHex = newHash();
      const request = claimRequest({ chainHashesHex: [chainHashHex] });
      await store.revoke({ ...request, tenantId: randomUUID(), chainHashHex });
      await store.revoke({ ...request, chainHashHex: newHash() });
      expect(await store.claim(request)).toEqual(GRANTED);
    });

    test('twice is once', async () => {
      const chainHashHex = newHash();
      const request = claimRequest({ chainHashesHex: [chainHashHex] });
      await store.revoke({ ...request, chainHashHex });
      await store.revoke({ ...request, chainHashHex });
      expect(await store.claim(request)).toEqual({ outcome: 'revoked' });
    });
  });
}
