import { describe, expect, it } from 'vitest';
import { addressScope } from '../../src/limits/index.js';

describe('whom an address stands for', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ])('%s stands for %s', (address, scope) => {
    expect(addressScope(address)).toBe(scope);
  });

  it('gives equal scopes to one /64 and other scopes to its neighbour', () => {
    expect(addressScope('2001:db8:1:2::1')).toBe(addressScope('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    expect(addressScope('2001:db8:1:2::1')).not.toBe(addressScope('2001:db8:1:3::1'));
  });

  it('is bounded whatever a shell hands in', () => {
    expect(addressScope('x'.repeat(10_000)).length).toBeLessThanOrEqual(80);
    expect(addressScope(':'.repeat(10_000)).length).toBeLessThanOrEqual(80);
    expect(addressScope('')).toBe('');
  });
});
