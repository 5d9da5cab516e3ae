import { randomUUID } from 'node:crypto';
import type { ClaimRequest, ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, HOUR_MS, another, claimRequest, type ClaimStoreHarness, countOutcome, newHash } from '../harness.js';

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
      await store.revoke({ ...request, chainHashesHex: [root, child] });
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
      await store.revoke(request);
      expect(await store.claim(another(request))).toEqual({ outcome: 'revoked' });
      expect(await store.capture(request)).toBe(true);
    });

    test('at one tenant says nothing at another', async () => {
      const request = claimRequest({ chainHashesHex: [newHash()] });
      await store.revoke({ ...request, tenantId: randomUUID() });
      await store.revoke({ ...request, chainHashesHex: [newHash()] });
      expect(await store.claim(request)).toEqual(GRANTED);
    });

    test('twice is once', async () => {
      const request = claimRequest({ chainHashesHex: [newHash()] });
      expect(await store.revoke(request)).toEqual({ outcome: 'revoked' });
      expect(await store.revoke(request)).toEqual({ outcome: 'revoked' });
      expect(await store.claim(request)).toEqual({ outcome: 'revoked' });
    });

    describe('of one payment', () => {
      const REVOKED = { outcome: 'revoked' };
      const TOO_MANY = { outcome: 'too_many' };
      const revoke = (request: ClaimRequest, chainHashesHex: string[], keepUntilMs = request.keepUntilMs) =>
        store.revoke({ ...request, chainHashesHex, keepUntilMs });
      const fill = (request: ClaimRequest, above: string[], count: number, keepUntilMs?: number) =>
        Promise.all(Array.from({ length: count }, () => revoke(request, [...above, newHash()], keepUntilMs)));
      const outcome = async (request: ClaimRequest, chainHashesHex: string[]) =>
        (await store.claim(another(request, { chainHashesHex }))).outcome;

      test('has 256 at most, also where more are asked for at once, and those hold', async () => {
        const root = newHash();
        const request = claimRequest({ uses: 100 });
        const branch = [root, newHash()];
        expect(await revoke(request, branch)).toEqual(REVOKED);
        const results = await fill(request, [root], 300);
        expect(results.filter((result) => result.outcome === 'revoked')).toHaveLength(255);
        expect(await outcome(request, branch)).toBe('revoked');
        expect(await outcome(request, [root, newHash()])).toBe('granted');
        expect(await revoke(request, branch)).toEqual(REVOKED);
        expect(await revoke(claimRequest(), [root, newHash()])).toEqual(REVOKED);
      });

      test('has room for a branch that filled it with its own, and then again for others', async () => {
        const root = newHash();
        const request = claimRequest({ uses: 100 });
        const branch = [root, newHash()];
        const [first = { outcome: '' }] = await fill(request, [...branch, newHash()], 256);
        expect(first).toEqual(REVOKED);
        const sibling = [root, newHash()];
        expect(await revoke(request, sibling)).toEqual(TOO_MANY);
        expect(await revoke(request, branch)).toEqual(REVOKED);
        expect(await outcome(request, [...branch, newHash()])).toBe('revoked');
        expect(await revoke(request, sibling)).toEqual(REVOKED);
        expect(await outcome(request, sibling)).toBe('revoked');
        expect(await outcome(request, [root])).toBe('granted');
        expect(await revoke(request, [root])).toEqual(REVOKED);
        expect(await outcome(request, [root])).toBe('revoked');
      });

      test('keeps what its parent’s revocation does not outlast', async () => {
        const root = newHash();
        const request = claimRequest({ uses: 100 });
        const child = [root, newHash()];
        await revoke(request, child, harness.nowMs() + 100 * HOUR_MS);
        await revoke(request, [root], harness.nowMs() + HOUR_MS);
        await harness.letTimePass(2 * HOUR_MS);
        await store.prune();
        expect(await outcome(request, child)).toBe('revoked');
        expect(await outcome(request, [root])).toBe('granted');
      });

      test('takes no room for what is revoked through its parent', async () => {
        const root = newHash();
        const request = claimRequest();
        const branch = [root, newHash()];
        await revoke(request, branch);
        expect(await fill(request, branch, 300)).toEqual(Array.from({ length: 300 }, () => REVOKED));
        expect(await fill(request, [root], 255)).toEqual(Array.from({ length: 255 }, () => REVOKED));
        expect(await revoke(request, [root, newHash()])).toEqual(TOO_MANY);
      });

      test('takes no room for what is past its time', async () => {
        const root = newHash();
        const request = claimRequest();
        await fill(request, [root], 256, harness.nowMs() + HOUR_MS);
        expect(await revoke(request, [root, newHash()])).toEqual(TOO_MANY);
        await harness.letTimePass(2 * HOUR_MS);
        expect(await revoke(request, [root, newHash()])).toEqual(REVOKED);
      });
    });
  });
}
