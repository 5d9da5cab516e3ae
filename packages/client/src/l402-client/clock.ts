import type { Clock } from './options.js';

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: Date.now,
  sleep(waitMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      signal?.addEventListener('abort', wake);
    });
  },
};
