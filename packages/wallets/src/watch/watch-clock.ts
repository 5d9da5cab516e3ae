/** Time as a watch sees it. */
export interface WatchClock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after `waitMs`, or at once when the signal aborts. */
  sleep(waitMs: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. Its timers keep no process from ending. */
export const backgroundClock: WatchClock = {
  nowMs: Date.now,
  sleep(waitMs, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs).unref();
      signal.addEventListener('abort', wake);
    });
  },
};
