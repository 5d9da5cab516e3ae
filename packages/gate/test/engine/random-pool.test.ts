import { describe, expect, it } from 'vitest';
import { takeRandomBytes } from '../../src/engine/random-pool.js';

describe('random bytes taken from the pool', () => {
  it('are of the length asked for, and never twice the same', () => {
    const seen = new Set<string>();
    for (let taken = 0; taken < 2_000; taken += 1) {
      const bytes = takeRandomBytes(28);
      expect(bytes).toHaveLength(28);
      seen.add(Buffer.from(bytes).toString('hex'));
    }
    expect(seen.size).toBe(2_000);
  });

  it('belong to whoever took them', () => {
    const first = takeRandomBytes(32);
    const before = Buffer.from(first).toString('hex');
    for (let taken = 0; taken < 1_000; taken += 1) takeRandomBytes(32).fill(0);
    expect(Buffer.from(first).toString('hex')).toBe(before);
  });

  it.each([0, 1, 8_192, 8_193, 20_000])('come also as %i at a time', (size) => {
    expect(takeRandomBytes(size)).toHaveLength(size);
  });

  it('have every bit as often as not', () => {
    const bytes = takeRandomBytes(100_000);
    let ones = 0;
    for (const byte of bytes) for (let bit = 0; bit < 8; bit += 1) ones += (byte >> bit) & 1;
    expect(Math.abs(ones / 800_000 - 0.5)).toBeLessThan(0.01);
  });
});
