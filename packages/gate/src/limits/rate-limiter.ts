import { LRUCache } from 'lru-cache';
import type { Limit } from './limit.js';

/** Counts against one limit, key by key, in bounded memory. */
export interface RateLimiter {
  /** Takes one. @returns 0 where there was room, else how many milliseconds to wait; then nothing was taken. */
  take(key: string, nowMs: number): number;
}

const UNLIMITED: RateLimiter = { take: () => 0 };

/**
 * A limiter by the generic cell rate algorithm: one number per key (when the bucket would be empty again), no timers. Synchronous and
 * allocation-free on the way of every paid request; the library for limits that several replicas share answers with promises
 * and keeps a timer per key.
 *
 * When more than `maxKeys` callers come at once the ones not seen for longest start anew; the wallet-wide limit still holds then.
 */
export function createRateLimiter(limit: Limit | 'off', maxKeys: number): RateLimiter {
  if (limit === 'off') return UNLIMITED;
  const intervalMs = 1_000 / limit.perSecond;
  const toleranceMs = intervalMs * (limit.burst - 1);
  const emptyAtMs = new LRUCache<string, number>({ max: maxKeys });
  return {
    take: (key, nowMs) => {
      const emptyAt = Math.max(emptyAtMs.get(key) ?? nowMs, nowMs);
      const waitMs = emptyAt - nowMs - toleranceMs;
      if (waitMs > 0) return Math.ceil(waitMs);
      emptyAtMs.set(key, emptyAt + intervalMs);
      return 0;
    },
  };
}
