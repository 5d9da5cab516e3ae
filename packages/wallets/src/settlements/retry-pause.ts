const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** The pauses between two attempts to follow a wallet: twice as long each time, up to ten seconds, and short again after a success. */
export class RetryPause {
  readonly #signal: AbortSignal;
  #nextMs = FIRST_PAUSE_MS;

  /** @param signal - ends the pause that runs, and every later one at once. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** It went well: the next pause is the shortest. */
  reset(): void {
    this.#nextMs = FIRST_PAUSE_MS;
  }

  /** Resolves when the next attempt is due. */
  async wait(): Promise<void> {
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    await pause(pauseMs, this.#signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    return undefined;
  });
}
