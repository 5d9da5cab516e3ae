import { Buffer } from 'node:buffer';
import type { ClaimRequest, ClaimStore, KeptAnswer } from '@satway/gate/claim-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { GRANTED, another, claimRequest, type ClaimStoreHarness, newHash } from '../harness.js';

/** The first answer again, and never a second charge. */
export function idempotencyKey(harnessOf: () => ClaimStoreHarness): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(() => {
    harness = harnessOf();
    ({ store } = harness);
  });

  describe('Idempotency-Key', () => {
    const answer: KeptAnswer = {
      status: 201,
      rawHeaders: [
        'Content-Type',
        'text/plain; charset="utf-8"',
        'X-Odd',
        'back\\slash, {comma} "quote"',
        'X-Empty',
        '',
      ],
      body: new Uint8Array([0, 255, 92, 34, 10]),
    };

    test('the same key and request get the first answer again, and nothing is taken', async () => {
      const request = withKey(claimRequest({ uses: 2 }));
      await store.claim(request);
      await store.capture(request, { answer, keepForMs: 600_000 });
      const replay = await store.claim(another(request));
      expect(replay.outcome).toBe('replay');
      expect(replayed(replay)).toEqual(comparable(answer));
      expect(await store.claim(another(withKey(request)))).toEqual(GRANTED);
    });

    test('a consumed payment still answers the key it was consumed under', async () => {
      const request = withKey(claimRequest());
      await store.claim(request);
      await store.capture(request, { answer, keepForMs: 600_000 });
      expect((await store.claim(another(request))).outcome).toBe('replay');
      expect(await store.claim(another(withKey(request)))).toEqual({ outcome: 'consumed' });
    });

    test('another request under the same key is a conflict, before and after the answer', async () => {
      const request = withKey(claimRequest({ uses: 3 }));
      const other = another(request, {
        idempotency: { keyHashHex: keyOf(request), requestDigestHex: newHash() },
      });
      await store.claim(request);
      expect(await store.claim(other)).toEqual({ outcome: 'idempotency_conflict' });
      await store.capture(request);
      expect(await store.claim(another(other))).toEqual({ outcome: 'idempotency_conflict' });
    });

    test('the same request under way is told to come again, in one batch too', async () => {
      const request = withKey(claimRequest({ uses: 3 }));
      const results = await Promise.all([store.claim(request), store.claim(another(request))]);
      expect(results).toEqual([GRANTED, { outcome: 'idempotency_in_progress', retryAfterMs: 1_000 }]);
    });

    test('a release or a lease that ran out frees the key, also for another request', async () => {
      const request = withKey(claimRequest({ leaseMs: 1_000 }));
      await store.claim(request);
      await store.release(request);
      const second = another(request);
      expect(await store.claim(second)).toEqual(GRANTED);
      await harness.letTimePass(1_001);
      const idempotency = { keyHashHex: keyOf(request), requestDigestHex: newHash() };
      expect(await store.claim(another(request, { idempotency }))).toEqual(GRANTED);
    });

    test('an answer that was not kept, or not for so long, is a replay without one: never a second charge', async () => {
      const [notKept, shortly] = [withKey(claimRequest({ uses: 2 })), withKey(claimRequest({ uses: 2 }))];
      await store.claim(notKept);
      await store.capture(notKept, { answer: null, keepForMs: 600_000 });
      expect(await store.claim(another(notKept))).toEqual({ outcome: 'replay', answer: null });
      await store.claim(shortly);
      await store.capture(shortly, { answer, keepForMs: 1_000 });
      await harness.letTimePass(1_001);
      expect(await store.claim(another(shortly))).toEqual({ outcome: 'replay', answer: null });
      await store.prune();
      expect(await store.claim(another(shortly))).toEqual({ outcome: 'replay', answer: null });
    });

    test('an answer without headers and without body comes back as it was', async () => {
      const request = withKey(claimRequest());
      const empty: KeptAnswer = { status: 204, rawHeaders: [], body: new Uint8Array() };
      await store.claim(request);
      await store.capture(request, { answer: empty, keepForMs: 600_000 });
      expect(replayed(await store.claim(another(request)))).toEqual(comparable(empty));
    });

    test('a lost capture that is repeated keeps the first answer', async () => {
      const request = withKey(claimRequest());
      await store.claim(request);
      await store.capture(request, { answer, keepForMs: 600_000 });
      await store.capture(request, { answer: { ...answer, status: 200 }, keepForMs: 600_000 });
      expect(replayed(await store.claim(another(request)))).toEqual(comparable(answer));
    });

    test('a stale capture stores no answer', async () => {
      const request = withKey(claimRequest({ leaseMs: 1_000 }));
      await store.claim(request);
      await harness.letTimePass(1_001);
      expect(await store.capture(request, { answer, keepForMs: 600_000 })).toBe(false);
      expect(await store.claim(another(request))).toEqual(GRANTED);
    });
  });
}

function withKey(request: ClaimRequest): ClaimRequest {
  return { ...request, idempotency: { keyHashHex: newHash(), requestDigestHex: newHash() } };
}

function keyOf(request: ClaimRequest): string {
  return request.idempotency?.keyHashHex ?? '';
}

function replayed(result: Awaited<ReturnType<ClaimStore['claim']>>): unknown {
  return result.outcome === 'replay' && result.answer !== null ? comparable(result.answer) : result;
}

function comparable({ status, rawHeaders, body }: KeptAnswer): unknown {
  return { status, rawHeaders: [...rawHeaders], bodyHex: Buffer.from(body).toString('hex') };
}
