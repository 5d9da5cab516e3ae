import { describe, expect, it } from 'vitest';
import { createKeyedLocks } from '../../src/l402-client/keyed-locks.js';
import { openGate } from '../support/gate.js';

describe('keyed locks', () => {
  it('let those with one key in one after the other, in the order in which they came, also after a failure', async () => {
    const locks = createKeyedLocks();
    const order: string[] = [];
    const enter = (name: string, fails = false) =>
      locks.withLock('a', async () => {
        order.push(`${name} in`);
        await Promise.resolve();
        order.push(`${name} out`);
        if (fails) await Promise.reject(new TypeError(name));
        return name;
      });
    const all = await Promise.allSettled([enter('one'), enter('two', true), enter('three')]);
    expect(order).toEqual(['one in', 'one out', 'two in', 'two out', 'three in', 'three out']);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('do not hold those with another key', async () => {
    const locks = createKeyedLocks();
    const gate = openGate<void>();
    const first = locks.withLock('a', () => gate.promise);
    await expect(locks.withLock('b', async () => 'free')).resolves.toBe('free');
    gate.resolve(undefined);
    await first;
  });
});
