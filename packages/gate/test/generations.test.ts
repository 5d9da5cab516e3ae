import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Generations } from '../src/generations.js';

interface Entry {
  live: boolean;
}

describe('generations', () => {
  it('never drop what is live, and find it under its key', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), does: fc.constantFrom('set', 'end', 'turn') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const generations = new Generations<Entry>(({ live }) => live);
        const live = new Map<string, Entry>();
        for (const { key, does } of steps) {
          const name = String(key);
          if (does === 'turn') generations.turn();
          else if (does === 'end') end(live, name);
          else put(generations, live, name);
          for (const [each, entry] of live) expect(generations.get(each)).toBe(entry);
        }
      }),
    );
  });

  it('drop what ended after two turns, and not after one', () => {
    const generations = new Generations<Entry>(({ live }) => live);
    generations.set('a', { live: false });
    generations.turn();
    expect(generations.get('a')).toBeDefined();
    generations.turn();
    expect(generations.get('a')).toBeUndefined();
  });

  it('hold no more than two generations of what ended', () => {
    const generations = new Generations<Entry>(({ live }) => live);
    for (let n = 0; n < 5_000; n += 1) generations.set(String(n), { live: false });
    const found = Array.from({ length: 5_000 }, (_, n) => generations.get(String(n))).filter(Boolean);
    expect(found.length).toBeLessThanOrEqual(2_048);
    expect(generations.get('4999')).toBeDefined();
  });

  it('hold any number that is live', () => {
    const generations = new Generations<Entry>(({ live }) => live);
    for (let n = 0; n < 5_000; n += 1) generations.set(String(n), { live: true });
    const found = Array.from({ length: 5_000 }, (_, n) => generations.get(String(n))).filter(Boolean);
    expect(found).toHaveLength(5_000);
  });
});

function put(generations: Generations<Entry>, live: Map<string, Entry>, key: string): void {
  const entry = { live: true };
  generations.set(key, entry);
  live.set(key, entry);
}

function end(live: Map<string, Entry>, key: string): void {
  const entry = live.get(key);
  if (entry !== undefined) entry.live = false;
  live.delete(key);
}
