import type { ClaimRequest, ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, another, claimRequest, type ClaimStoreHarness, HOUR_MS } from '../harness.js';

/** What becomes of claims that are not captured. */
export function leasesAndReleases(harnessOf: () => ClaimStoreHarness): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(() => {
    harness = harnessOf();
    ({ store } = harness);
  });

  describe('leases', () => {
    test('a lease that ran out under a slow upstream can neither be captured nor released nor renewed', async () => {
      const request = claimRequest({ leaseMs: 5_000 });
      await store.claim(request);
      await harness.letTimePass(5_001);
      expect(await store.capture(request)).toBe(false);
      expect(await store.release(request)).toBe(false);
      expect(await store.renew(request, HOUR_MS)).toBe(false);
    });

    test('the next claim takes the use of a lease that ran out, and the stale holder changes nothing of it', async () => {
      const slow = claimRequest({ leaseMs: 5_000 });
      await store.claim(slow);
      await harness.letTimePass(5_001);
      const next = another(slow, { leaseMs: HOUR_MS });
      expect(await store.claim(next)).toEqual(GRANTED);
      expect(await store.release(slow)).toBe(false);
      expect(await store.capture(slow)).toBe(false);
      expect((await store.claim(another(slow))).outcome).toBe('claim_in_progress');
      expect(await store.capture(next)).toBe(true);
      expect(await store.claim(another(slow))).toEqual({ outcome: 'consumed' });
    });

    test('a renewed lease lives on', async () => {
      const request = claimRequest({ leaseMs: 5_000 });
      await store.claim(request);
      await harness.letTimePass(4_000);
      expect(await store.renew(request, 60_000)).toBe(true);
      await harness.letTimePass(10_000);
      expect((await store.claim(another(request))).outcome).toBe('claim_in_progress');
      expect(await store.capture(request)).toBe(true);
    });

    test('renewing never shortens a lease', async () => {
      const request = claimRequest({ leaseMs: 60_000 });
      await store.claim(request);
      expect(await store.renew(request, 1)).toBe(true);
      await harness.letTimePass(30_000);
      expect(await store.capture(request)).toBe(true);
    });

    test('what ended, and what never was, is not renewed', async () => {
      const request = claimRequest({ uses: 2 });
      const second = another(request);
      await store.claim(request);
      await store.claim(second);
      await store.capture(request);
      await store.release(second);
      const refs = [request, second, another(request)];
      expect(await Promise.all(refs.map((ref) => store.renew(ref, 1_000)))).toEqual([false, false, false]);
    });

    test('a lease in the way says how long to wait: at most a second, at least a millisecond', async () => {
      const request = claimRequest();
      await store.claim(request);
      const result = await store.claim(another(request));
      expect(result).toEqual({ outcome: 'claim_in_progress', retryAfterMs: 1_000 });
    });
  });

  describe('release', () => {
    test('gives the use back at once the first time', async () => {
      const request = claimRequest();
      await store.claim(request);
      expect(await store.release(request)).toBe(true);
      expect(await store.claim(another(request))).toEqual(GRANTED);
    });

    test('a captured claim is not released, a released one not captured', async () => {
      const request = claimRequest({ uses: 2 });
      const second = another(request);
      await store.claim(request);
      await store.claim(second);
      await store.capture(request);
      await store.release(second);
      expect(await store.release(request)).toBe(false);
      expect(await store.capture(second)).toBe(false);
    });

    test('from the second release on the payment rests for 2, 4, 8 … at most 64 seconds', async () => {
      const request = claimRequest();
      const rests: number[] = [];
      for (let release = 1; release <= 8; release += 1) {
        const claim = another(request);
        expect(await store.claim(claim)).toEqual(GRANTED);
        await store.release(claim);
        rests.push(await restSeconds(harness, request));
      }
      expect(rests).toEqual([0, 2, 4, 8, 16, 32, 64, 64]);
    });

    test('a lease that ran out does not count as a release', async () => {
      const request = claimRequest({ leaseMs: 1_000 });
      for (let round = 0; round < 4; round += 1) {
        expect(await store.claim(another(request))).toEqual(GRANTED);
        await harness.letTimePass(1_001);
      }
    });

    test('a consumed payment says so, also while it would rest', async () => {
      const request = claimRequest({ uses: 2 });
      const claims = [another(request), another(request), another(request), another(request)];
      for (const [index, claim] of claims.entries()) {
        await harness.letTimePass(64_000);
        expect(await store.claim(claim)).toEqual(GRANTED);
        await (index % 2 === 0 ? store.release(claim) : store.capture(claim));
      }
      expect(await store.claim(another(request))).toEqual({ outcome: 'consumed' });
    });
  });
}

/** How long the payment rests now, seen by claiming it; ends with the rest over. */
async function restSeconds(harness: ClaimStoreHarness, request: ClaimRequest): Promise<number> {
  const probe = another(request, { uses: 1 });
  const result = await harness.store.claim(probe);
  if (result.outcome === 'granted') {
    await harness.letTimePass(probe.leaseMs + 1);
    return 0;
  }
  if (result.outcome !== 'resting') return Number.NaN;
  await harness.letTimePass(result.retryAfterMs);
  return Math.ceil(result.retryAfterMs / 1_000);
}
