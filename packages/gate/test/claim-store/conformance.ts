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

  test('knows a payment from its first claim on, whatever became of it, and no other', async () => {
    const { store } = harness;
    const [request, stranger] = [claimRequest(), claimRequest()];
    expect(await store.knows(request)).toBe(false);
    await store.revoke({ ...request, chainHashesHex: [stranger.paymentHashHex] });
    expect(await store.knows(request)).toBe(false);
    await store.claim(request);
    expect(await store.knows(request)).toBe(true);
    await store.release(request);
    expect(await store.knows(request)).toBe(true);
    expect(await store.knows({ ...request, tenantId: stranger.tenantId })).toBe(request.tenantId === stranger.tenantId);
    expect(await store.knows(stranger)).toBe(false);
    const malformed = store.knows({ ...request, paymentHashHex: 'x' });
    await expect(malformed).rejects.toMatchObject({ code: 'CLAIM_MALFORMED' });
  });

  test('says that it is there', async () => {
    await expect(harness.store.ping()).resolves.toBeUndefined();
  });

  test('that is closed refuses, and closing it again does nothing more', async () => {
    const own = await open();
    await own.store.close();
    const request = claimRequest();
    const { store } = own;
    const calls = [
      store.claim(request),
      store.capture(request),
      store.release(request),
      store.knows(request),
      store.ping(),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
    }
    await own.store.close();
    await own.stop();
  });
}
