import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryPause } from '../../src/settlements/index.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How long the next pause is, by the clock of the test. */
async function lengthOf(pause: RetryPause): Promise<number> {
  const startedAtMs = Date.now();
  const over = pause.wait().then(() => Date.now() - startedAtMs);
  await vi.advanceTimersToNextTimerAsync();
  return over;
}

describe('the pause before the next attempt', () => {
  it('doubles up to ten seconds, and is short again after a success', async () => {
    const pause = new RetryPause(new AbortController().signal);
    const lengths: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) lengths.push(await lengthOf(pause));
    expect(lengths).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    pause.reset();
    expect(await lengthOf(pause)).toBe(250);
  });

  it('ends at once when nothing is followed any more, and leaves no timer', async () => {
    const stop = new AbortController();
    const pause = new RetryPause(stop.signal);
    const waiting = pause.wait();
    stop.abort();
    await waiting;
    await pause.wait();
    expect(vi.getTimerCount()).toBe(0);
  });
});
