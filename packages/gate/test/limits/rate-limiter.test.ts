import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/limits/index.js';

describe('the rate limiter', () => {
  it('lets a burst through, then tells how long to wait', () => {
    const limiter = createRateLimiter({ burst: 3, perSecond: 2 }, 10);
    expect([0, 0, 0, 0].map(() => limiter.take('a', 1_000))).toEqual([0, 0, 0, 500]);
    expect(limiter.take('a', 1_499)).toBe(1);
    expect(limiter.take('a', 1_500)).toBe(0);
    expect(limiter.take('a', 1_500)).toBe(500);
  });

  it('counts each key alone', () => {
    const limiter = createRateLimiter({ burst: 1, perSecond: 1 }, 10);
    expect(limiter.take('a', 0)).toBe(0);
    expect(limiter.take('b', 0)).toBe(0);
    expect(limiter.take('a', 0)).toBe(1_000);
  });

  it('never lets more through than burst plus rate, however the calls come', () => {
    assert(
      property(array(nat({ max: 400 }), { maxLength: 200 }), (gaps) => {
        const limiter = createRateLimiter({ burst: 5, perSecond: 10 }, 10);
        let nowMs = 0;
        let granted = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (limiter.take('a', nowMs) === 0) granted += 1;
        }
        expect(granted).toBeLessThanOrEqual(5 + nowMs / 100);
      }),
    );
  });

  it('remembers a bounded number of keys: the one not seen for longest starts anew', () => {
    const limiter = createRateLimiter({ burst: 1, perSecond: 1 }, 2);
    for (const key of ['a', 'b', 'c']) expect(limiter.take(key, 0)).toBe(0);
    expect(limiter.take('c', 0)).toBe(1_000);
    expect(limiter.take('b', 0)).toBe(1_000);
    expect(limiter.take('a', 0)).toBe(0);
  });

  it('lets everything through when it is off', () => {
    const limiter = createRateLimiter('off', 1);
    expect(Array.from({ length: 1_000 }, () => limiter.take('a', 0)).every((wait) => wait === 0)).toBe(true);
  });
});
