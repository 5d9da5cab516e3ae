import { afterAll, beforeAll, expect, test } from 'vitest';
import { branches } from './conformance/branches.js';
import { idempotencyKey } from './conformance/idempotency-key.js';
import { leasesAndReleases } from './conformance/leases-and-releases.js';
import { malformedRequests } from './conformance/malformed-requests.js';
import { onePaymentBuysOnce } from './conformance/one-payment-buys-once.js';
import { pruning } from './conformance/pruning.js';
import { type ClaimStoreHarness, claimRequest } from './harness.js';
import { claimStoreModel } from './model.js';

/** What every claim store must do. `open` makes an empty one. */
export function claimStoreConformance(open: () => Promise<ClaimStoreHarness>): void {
  let harness: ClaimStoreHarness;
  beforeAll(async () => {
    harness = await open();
  }, 120_000);
  afterAll(() => harness.stop());
  const harnessOf = () => harness;

  onePaymentBuysOnce(harnessOf);
  leasesAndReleases(harnessOf);
  branches(harnessOf);
  idempotencyKey(harnessOf);
  pruning(harnessOf);
  malformedRequests(harnessOf);
  claimStoreModel(harnessOf);

  test('says that it is there', async () => {
    await expect(harness.store.ping()).resolves.toBeUndefined();
  });

  test('that is closed refuses, and closing it again does nothing more', async () => {
    const own = await open();
    await own.store.close();
    const request = claimRequest();
    const calls = [own.store.claim(request), own.store.capture(request), own.store.release(request), own.store.ping()];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
    }
    await own.store.close();
    await own.stop();
  });
}
