import { describe, expect, it } from 'vitest';
import { feeCeilingFor } from '../../src/budget/index.js';
import { defaultFeeCeilingMsat } from '../../src/budget/fee-ceiling.js';

const says = (ceiling: number | null) => ({ feeCeilingMsat: () => ceiling });

describe('the fee ceiling', () => {
  it.each([
    [1, 1000],
    [100_000, 1000],
    [100_001, 1001],
    [5_000_000, 50_000],
  ])('for %i msat is %i msat where nothing is configured', (amountMsat, ceilingMsat) => {
    expect(defaultFeeCeilingMsat(amountMsat)).toBe(ceilingMsat);
  });

  it('is what the wallet says it can cost at most, else what is configured', () => {
    expect(feeCeilingFor(says(7), () => 9, 5000)).toBe(7);
    expect(feeCeilingFor(says(null), () => 9, 5000)).toBe(9);
    expect(feeCeilingFor(says(0), () => 9, 5000)).toBe(0);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('is never %s', (nonsense) => {
    expect(feeCeilingFor(says(nonsense), () => nonsense, 5000)).toBe(1000);
  });
});
