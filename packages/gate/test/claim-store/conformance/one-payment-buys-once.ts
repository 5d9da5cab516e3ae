import { randomUUID } from 'node:crypto';
import type { ClaimStore } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, another, claimRequest, type ClaimStoreHarness, countOutcome, HOUR_MS } from '../harness.js';

/** Parallel claims, and claims that are repeated. */
export function onePaymentBuysOnce(harnessOf: () => ClaimStoreHarness): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(() => {
    harness = harnessOf();
    ({ store } = harness);
  });

  describe('one payment buys once', () => {
    test('of many claims at the same time exactly one is granted, the others hear that it is in use', async () => {
      const first = claimRequest();
      const claims = Array.from({ length: 64 }, () => another(first));
      const results = await Promise.all(claims.map((claim) => store.claim(claim)));
      expect(countOutcome(results, 'granted')).toBe(1);
      expect(countOutcome(results, 'claim_in_progress')).toBe(63);
    });

    test('a batch of several payments with several claims each grants every payment its uses and no more', async () => {
      const payments = Array.from({ length: 12 }, (_, index) => claimRequest({ uses: 1 + (index % 4) }));
      const claims = payments.flatMap((payment) => Array.from({ length: 6 }, () => another(payment)));
      const results = await Promise.all(claims.map((claim) => store.claim(claim)));
      for (const [index, payment] of payments.entries()) {
        expect(countOutcome(results.slice(index * 6, index * 6 + 6), 'granted')).toBe(payment.uses);
      }
    });

    test('within one batch the claims that came first are the ones that are granted', async () => {
      const first = claimRequest({ uses: 2 });
      const results = await Promise.all(
        [first, another(first), another(first), another(first)].map((claim) => store.claim(claim)),
      );
      expect(results.map(({ outcome }) => outcome)).toEqual([
        'granted',
        'granted',
        'claim_in_progress',
        'claim_in_progress',
      ]);
    });

    test('what was captured is consumed, for good', async () => {
      const request = claimRequest();
      await store.claim(request);
      expect(await store.capture(request)).toBe(true);
      expect(await store.claim(another(request))).toEqual({ outcome: 'consumed' });
      await harness.letTimePass(48 * HOUR_MS);
      expect(await store.claim(another(request))).toEqual({ outcome: 'consumed' });
    });

    test('a payment of three uses is consumed after three captures, not before', async () => {
      const request = claimRequest({ uses: 3 });
      for (let call = 0; call < 3; call += 1) {
        const claim = another(request);
        expect(await store.claim(claim)).toEqual(GRANTED);
        expect(await store.capture(claim)).toBe(true);
      }
      expect(await store.claim(another(request))).toEqual({ outcome: 'consumed' });
    });

    test('the uses that were recorded first stand against a later claim that names more', async () => {
      const request = claimRequest({ uses: 1 });
      await store.claim(request);
      await store.capture(request);
      expect(await store.claim(another(request, { uses: 5 }))).toEqual({ outcome: 'consumed' });
    });

    test('the same payment hash at two tenants is two payments', async () => {
      const request = claimRequest();
      const elsewhere = another(request, { tenantId: randomUUID() });
      expect(await store.claim(request)).toEqual(GRANTED);
      expect(await store.claim(elsewhere)).toEqual(GRANTED);
      expect(await store.capture({ ...request, tenantId: elsewhere.tenantId })).toBe(false);
      expect(await store.release({ ...elsewhere, tenantId: request.tenantId })).toBe(false);
      expect(await store.capture(request)).toBe(true);
    });
  });

  describe('retries are idempotent by claim id', () => {
    test('a repeated claim gives the same answer and takes nothing more', async () => {
      const request = claimRequest({ uses: 2 });
      expect(await store.claim(request)).toEqual(GRANTED);
      expect(await store.claim(request)).toEqual(GRANTED);
      expect(await store.claim(another(request))).toEqual(GRANTED);
      expect((await store.claim(another(request))).outcome).toBe('claim_in_progress');
    });

    test('the same claim twice in one batch is granted twice and takes one use', async () => {
      const request = claimRequest({ uses: 2 });
      expect(await Promise.all([store.claim(request), store.claim(request)])).toEqual([GRANTED, GRANTED]);
      expect(await store.claim(another(request))).toEqual(GRANTED);
      expect((await store.claim(another(request))).outcome).toBe('claim_in_progress');
    });

    test('a repeated capture is true again, a repeated release too, and neither counts twice', async () => {
      const request = claimRequest({ uses: 2 });
      const second = another(request);
      await store.claim(request);
      await store.claim(second);
      expect(await Promise.all([store.capture(request), store.capture(request)])).toEqual([true, true]);
      expect(await store.capture(request)).toBe(true);
      expect(await store.release(second)).toBe(true);
      expect(await store.release(second)).toBe(true);
      const third = another(request);
      expect(await store.claim(third)).toEqual(GRANTED);
      expect((await store.claim(another(request))).outcome).toBe('claim_in_progress');
    });

    test('a claim that was captured is still granted when its claim is repeated', async () => {
      const request = claimRequest();
      await store.claim(request);
      await store.capture(request);
      expect(await store.claim(request)).toEqual(GRANTED);
    });

    test('a claim that was given back is not granted again under its old name', async () => {
      const request = claimRequest();
      await store.claim(request);
      await store.release(request);
      expect((await store.claim(request)).outcome).toBe('claim_in_progress');
      expect(await store.capture(request)).toBe(false);
    });
  });
}
