import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Roll } from '../src/roll.js';

const member = () => ({ place: -1 });

describe('a roll', () => {
  it('holds each member once, however often it is added', () => {
    const roll = new Roll();
    const one = member();
    roll.add(one);
    roll.add(one);
    expect([...roll]).toEqual([one]);
  });

  it('does not take a stranger off that has the place of a member', () => {
    const roll = new Roll();
    const one = member();
    roll.add(one);
    expect(roll.remove({ place: one.place })).toBe(false);
    expect(roll.has(one)).toBe(true);
  });

  it('walks over those that were on it when the walk began', () => {
    const roll = new Roll<{ place: number }>();
    const members = [member(), member(), member()];
    for (const each of members) roll.add(each);
    const walked: object[] = [];
    for (const each of roll) {
      walked.push(each);
      roll.remove(each);
    }
    expect(walked).toEqual(members);
    expect(roll.size).toBe(0);
  });

  it('is empty after it was cleared, and takes the same members again', () => {
    const roll = new Roll();
    const one = member();
    roll.add(one);
    roll.clear();
    expect([roll.size, roll.has(one)]).toEqual([0, false]);
    roll.add(one);
    expect(roll.has(one)).toBe(true);
  });

  it('holds what a set holds after the same steps', () => {
    const steps = fc.array(fc.record({ who: fc.integer({ min: 0, max: 7 }), adds: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        const roll = new Roll<{ place: number }>();
        const set = new Set<object>();
        const members = Array.from({ length: 8 }, member);
        for (const { who, adds } of list) {
          const each = members[who] ?? member();
          if (adds) {
            roll.add(each);
            set.add(each);
          } else expect(roll.remove(each)).toBe(set.delete(each));
        }
        expect(new Set(roll)).toEqual(set);
        expect(roll.size).toBe(set.size);
      }),
    );
  });
});
