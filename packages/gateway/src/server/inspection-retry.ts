const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Asks again after a pause that doubles each time, from one second to a minute, a tenth earlier or later by chance. Keeps no process from ending. */
export class InspectionRetry {
  readonly #ask: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #waitMs = FIRST_WAIT_MS;
  #isStopped = false;

  /** @param ask - never rejects. */
  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  /** Does nothing where the next time is set already. */
  schedule(): void {
    if (this.#isStopped || this.#timer !== null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        void this.#ask();
      },
      this.#waitMs * (0.9 + 0.2 * Math.random()),
    );
    this.#timer.unref();
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
