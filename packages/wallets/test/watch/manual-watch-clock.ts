import type { WatchClock } from '@satway/wallets/watch';

/** A clock that stands still until it is set forward. */
export interface ManualWatchClock extends WatchClock {
  /** Wakes whoever has slept long enough by then, in order, and lets what they do run on. */
  advance(byMs: number): Promise<void>;
  /** How long each of those who sleep now has asked to sleep, shortest first. */
  sleepers(): number[];
}

export function createManualWatchClock(): ManualWatchClock {
  let nowMs = 1_000_000;
  const sleeping = new Set<{ readonly waitMs: number; readonly untilMs: number; readonly wake: () => void }>();
  return {
    nowMs: () => nowMs,
    sleep: (waitMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const wake = () => {
          sleeping.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { waitMs, untilMs: nowMs + waitMs, wake };
        sleeping.add(sleeper);
        signal.addEventListener('abort', wake);
      }),
    async advance(byMs) {
      nowMs += byMs;
      const due = [...sleeping].filter(({ untilMs }) => untilMs <= nowMs).sort((a, b) => a.untilMs - b.untilMs);
      for (const { wake } of due) wake();
      await settle();
    },
    sleepers: () => [...sleeping].map(({ waitMs }) => waitMs).sort((a, b) => a - b),
  };
}

/** Lets every promise that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
