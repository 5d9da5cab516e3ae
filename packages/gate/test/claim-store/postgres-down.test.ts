import { connect, createServer, type Socket } from 'node:net';
import type { ClaimStore } from '@satway/gate/claim-store';
import { openPostgresClaimStore } from '@satway/gate/claim-store/sql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../test/support/postgres/index.js';
import { another, claimRequest, countOutcome } from './harness.js';

const UNAVAILABLE = { code: 'STORE_UNAVAILABLE', httpStatus: 503, fundsMoved: 'no' };

describe('a PostgreSQL that dies', { timeout: 120_000 }, () => {
  let postgres: TestPostgres;
  let store: ClaimStore;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterEach(() => store.close());
  afterAll(() => postgres.stop());

  test('in the middle of batches: calls fail as unavailable, what was answered stands, and the store comes back by itself', async () => {
    store = await openPostgresClaimStore({ url: postgres.url, timeLimitMs: 2_000 });
    const before = claimRequest();
    await store.claim(before);
    await store.capture(before);

    const calls = startCallers(store, 32);
    await calls.firstAnswers;
    postgres.kill('SIGKILL');
    const { answered, captured, failed } = await calls.firstFailure.then(calls.stop);
    expect(failed.length).toBeGreaterThan(0);
    for (const error of failed) expect(error).toMatchObject(UNAVAILABLE);
    await expect(store.ping()).rejects.toMatchObject(UNAVAILABLE);

    await postgres.restart();
    await untilItAnswers(store);
    expect(await store.claim(another(before))).toEqual({ outcome: 'consumed' });
    const consumed = await Promise.all(captured.map((request) => store.claim(another(request))));
    expect(countOutcome(consumed, 'consumed')).toBe(captured.length);
    // A claim whose capture was cut off is captured or held, never free: the same capture again settles it.
    const open = answered.filter((request) => !captured.includes(request));
    expect(await Promise.all(open.map((request) => store.capture(request)))).toEqual(open.map(() => true));
  });

  test('for a moment shorter than the time limit, is not noticed by callers', async () => {
    store = await openPostgresClaimStore({ url: postgres.url, timeLimitMs: 20_000 });
    const request = claimRequest();
    expect(await store.claim(request)).toEqual({ outcome: 'granted' });
    postgres.kill('SIGKILL');
    const capture = store.capture(request);
    await postgres.restart();
    expect(await capture).toBe(true);
  });

  test('that hangs without closing anything is unavailable too, when the time is up', async () => {
    const proxy = await startProxy(new URL(postgres.url));
    store = await openPostgresClaimStore({ url: proxy.url, timeLimitMs: 1_500 });
    const request = claimRequest();
    await store.claim(request);
    proxy.freeze();
    await expect(store.capture(request)).rejects.toMatchObject(UNAVAILABLE);
    proxy.thaw();
    await untilItAnswers(store);
    expect(await store.capture(request)).toBe(true);
    await store.close();
    proxy.close();
  });

  test('that is not there at the start is unavailable, and says so', async () => {
    const url = new URL(postgres.url);
    url.port = '1';
    await expect(openPostgresClaimStore({ url: url.href })).rejects.toMatchObject(UNAVAILABLE);
    store = await openPostgresClaimStore({ url: postgres.url });
  });
});

/** Callers that claim and capture without a pause until they are stopped. */
function startCallers(store: ClaimStore, count: number) {
  const answered: ReturnType<typeof claimRequest>[] = [];
  const captured: ReturnType<typeof claimRequest>[] = [];
  const failed: unknown[] = [];
  const state = { running: true };
  const firstAnswers = signal();
  const firstFailure = signal();
  const call = async () => {
    while (state.running) {
      const request = claimRequest();
      try {
        await store.claim(request);
        answered.push(request);
        await store.capture(request);
        captured.push(request);
        if (captured.length > 200) firstAnswers.resolve();
      } catch (error) {
        failed.push(error);
        firstFailure.resolve();
      }
    }
  };
  const callers = Array.from({ length: count }, call);
  const stop = async () => {
    state.running = false;
    await Promise.all(callers);
    return { answered, captured, failed };
  };
  return { firstAnswers: firstAnswers.promise, firstFailure: firstFailure.promise, stop };
}

async function untilItAnswers(store: ClaimStore): Promise<void> {
  for (;;) {
    const answers = await store.ping().then(
      () => true,
      () => false,
    );
    if (answers) return;
  }
}

/** A promise that is resolved from outside. */
function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** A wire to PostgreSQL that can stop carrying bytes without being cut. */
async function startProxy(target: URL) {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => frozen || to.write(bytes));
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
