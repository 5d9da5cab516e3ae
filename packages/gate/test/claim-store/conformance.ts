import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { ClaimRequest, ClaimStore, KeptAnswer } from '@satway/gate/claim-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { another, type ClaimStoreHarness, claimRequest, countOutcome, HOUR_MS, newHash } from './harness.js';
import { claimStoreModel } from './model.js';

const GRANTED = { outcome: 'granted' };

/** What every claim store must do. `open` makes an empty one. */
export function claimStoreConformance(open: () => Promise<ClaimStoreHarness>): void {
  let harness: ClaimStoreHarness;
  let store: ClaimStore;
  beforeAll(async () => {
    harness = await open();
    store = harness.store;
  }, 120_000);
  afterAll(() => harness.stop());

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
      await store.revoke({ ...request, chainHashHex: newHash() });
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
      ['a key that is no hash', { idempotency: { keyHashHex: 'key', requestDigestHex: newHash() } }],
    ];

    test.each(broken)('%s is refused by name and spoils nothing beside it', async (_, fields) => {
      const good = claimRequest();
      const [refused, granted] = await Promise.allSettled([store.claim(claimRequest(fields)), store.claim(good)]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'CLAIM_MALFORMED', fundsMoved: 'no' } });
      expect(granted).toEqual({ status: 'fulfilled', value: GRANTED });
    });

    test('a branch named twice in one claim is refused', async () => {
      const counter = { chainHashHex: newHash(), take: 1, cap: 5 };
      await expect(store.claim(claimRequest({ counters: [counter, counter] }))).rejects.toMatchObject({
        code: 'CLAIM_MALFORMED',
      });
    });
  });

  test('says that it is there', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
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

  claimStoreModel(() => harness);
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
