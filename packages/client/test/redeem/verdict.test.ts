import { describe, expect, it } from 'vitest';
import { judge, retryAfterMs } from '../../src/redeem/index.js';

function answer(status: number, headers: Record<string, string> = {}) {
  return { status, header: (name: string) => headers[name] ?? null };
}

describe('the verdict over a paid request', () => {
  it.each([
    ['a good answer', answer(200), 'answered'],
    ['a 404 of the origin, which is charged', answer(404, { 'x-payment-outcome': 'charged' }), 'answered'],
    ['a 404 of a seller that says nothing', answer(404), 'answered'],
    ['a redirect', answer(302, { 'x-payment-outcome': 'charged' }), 'answered'],
    ['a 402', answer(402), 'refused'],
    ['a 402, whatever else it claims', answer(402, { 'x-payment-outcome': 'charged' }), 'refused'],
    ['a 401 of another kind of seller', answer(401), 'refused'],
    ['a 401 of the origin behind our gateway', answer(401, { 'x-payment-outcome': 'charged' }), 'answered'],
    ['a 409 with a time to wait', answer(409, { 'retry-after': '1' }), 'busy'],
    ['a 409 of the origin', answer(409), 'answered'],
    [
      'a 409 of the origin, charged, with a time to wait',
      answer(409, { 'retry-after': '1', 'x-payment-outcome': 'charged' }),
      'answered',
    ],
    ['a 503 of a store that cannot answer', answer(503, { 'retry-after': '1' }), 'kept'],
    ['a 500 that says nothing', answer(500), 'kept'],
    ['a 500 that was charged', answer(500, { 'x-payment-outcome': 'charged' }), 'answered'],
    [
      'an upstream failure, given back',
      answer(502, { 'x-payment-outcome': 'released', 'x-payment-code': 'upstream_failed_retryable' }),
      'failed_retryable',
    ],
    ['a release without a code', answer(502, { 'x-payment-outcome': 'released' }), 'kept'],
  ])('%s', (_, judged, verdict) => {
    expect(judge(judged)).toBe(verdict);
  });

  it.each([
    ['3', 3000],
    ['0', 0],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', null],
    ['1000000000', 1_000_000_000_000],
    ['99999999999999999999', Number.MAX_SAFE_INTEGER],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['-1000000000', null],
    [null, null],
  ])('reads Retry-After %s', (value, expected) => {
    expect(retryAfterMs(value, 1000)).toBe(expected);
  });
});
