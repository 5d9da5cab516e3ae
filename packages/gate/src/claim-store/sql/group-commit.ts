import { SatwayError } from '@satway/base';

/** How calls of one kind are gathered into batches. */
export interface GroupCommitLimits {
  /** How long a first call waits for others to join it. */
  readonly gatherMs: number;
  readonly mostPerBatch: number;
  /** Batches under way at the same time; each holds a connection. */
  readonly mostAtOnce: number;
  /** Calls that may wait; one more is refused at once. */
  readonly mostWaiting: number;
  /** From the call to its answer. After that the caller hears `STORE_UNAVAILABLE`, whatever becomes of the batch. */
  readonly timeLimitMs: number;
}

/** Why a batch failed, as far as it matters here. */
export type BatchFailure =
  /** The store cannot answer, or this attempt met another's lock: the same batch may go again. */
  | 'passing'
  /** One of the rows is at fault. */
  | 'rows';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly deadlineMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const PAUSE_BEFORE_RETRY_MS = 25;

/**
 * Lets calls that arrive within a moment share one statement and one commit: durability then costs a round trip, not a request.
 *
 * The statement must be idempotent, since a batch whose reply was lost is sent again until its calls' time is up.
 */
export class GroupCommit<Item, Result> {
  readonly #limits: GroupCommitLimits;
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #classify: (error: unknown) => BatchFailure;
  #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;
  #gathering = false;
  #deadlineTimer: NodeJS.Timeout | null = null;
  #onIdle: (() => void) | null = null;

  /** @param run - answers the items in their order; rejects as a whole. */
  constructor(
    limits: GroupCommitLimits,
    run: (items: readonly Item[]) => Promise<readonly Result[]>,
    classify: (error: unknown) => BatchFailure,
  ) {
    this.#limits = limits;
    this.#run = run;
    this.#classify = classify;
  }

  /** @throws {SatwayError} `STORE_UNAVAILABLE` when too many wait or the time is up; the call may or may not have been carried out. */
  submit(item: Item): Promise<Result> {
    if (this.#onIdle !== null) {
      return Promise.reject(new SatwayError('STORE_UNAVAILABLE', { detail: 'The store is closed.' }));
    }
    if (this.#waiting.length >= this.#limits.mostWaiting) {
      return Promise.reject(new SatwayError('STORE_UNAVAILABLE', { detail: 'Too many calls wait.' }));
    }
    return new Promise((resolve, reject) => {
      const deadlineMs = performance.now() + this.#limits.timeLimitMs;
      this.#waiting.push({ item, deadlineMs, resolve, reject });
      this.#watchDeadlines();
      this.#gather();
    });
  }

  /** Takes nothing more; resolves when all that was taken is answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#tellIdle();
    });
  }

  #tellIdle(): void {
    if (this.#waiting.length === 0 && this.#underWay === 0) this.#onIdle?.();
  }

  #gather(): void {
    if (this.#gathering || this.#underWay >= this.#limits.mostAtOnce || this.#waiting.length === 0) return;
    if (this.#waiting.length >= this.#limits.mostPerBatch) return this.#start();
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      this.#start();
    }, this.#limits.gatherMs);
  }

  #start(): void {
    const batch = this.#waiting.splice(0, this.#limits.mostPerBatch);
    if (batch.length === 0) return;
    this.#underWay += 1;
    void this.#carryOut(batch).finally(() => {
      this.#underWay -= 1;
      this.#gather();
      this.#tellIdle();
    });
    this.#gather();
  }

  async #carryOut(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const late = this.#refuseWhenLate(batch);
    try {
      await this.#attempt(batch);
    } finally {
      clearTimeout(late);
    }
  }

  /** Sends the batch until it is answered or its time is up. A batch with a bad row is taken apart, so that only that row fails. */
  async #attempt(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    for (;;) {
      try {
        return answerAll(batch, await this.#run(batch.map(({ item }) => item)));
      } catch (error) {
        if (this.#classify(error) === 'rows') {
          if (batch.length > 1) return this.#attemptEach(batch);
          return rejectAll(batch, new SatwayError('INTERNAL', { cause: error, fundsMoved: 'no' }));
        }
        if (this.#isLate(batch)) return rejectAll(batch, new SatwayError('STORE_UNAVAILABLE', { cause: error }));
        await pause(PAUSE_BEFORE_RETRY_MS);
      }
    }
  }

  async #attemptEach(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    for (const one of batch) await this.#attempt([one]);
  }

  #isLate(batch: readonly Waiting<Item, Result>[]): boolean {
    const nowMs = performance.now() + PAUSE_BEFORE_RETRY_MS;
    return batch.every(({ deadlineMs }) => deadlineMs <= nowMs);
  }

  /** A batch in a hung connection must not hold its callers; the driver ends the statement itself. */
  #refuseWhenLate(batch: readonly Waiting<Item, Result>[]): NodeJS.Timeout {
    const lastMs = Math.max(...batch.map(({ deadlineMs }) => deadlineMs));
    return setTimeout(() => rejectAll(batch, timeIsUp()), Math.max(0, lastMs - performance.now()));
  }

  /** One timer for all that wait: they wait equally long, so the first in the queue is the first whose time is up. */
  #watchDeadlines(): void {
    const first = this.#waiting[0];
    if (this.#deadlineTimer !== null || first === undefined) return;
    this.#deadlineTimer = setTimeout(
      () => {
        this.#deadlineTimer = null;
        const nowMs = performance.now();
        const inTime = this.#waiting.findIndex(({ deadlineMs }) => deadlineMs > nowMs);
        rejectAll(this.#waiting.splice(0, inTime < 0 ? this.#waiting.length : inTime), timeIsUp());
        this.#watchDeadlines();
        this.#tellIdle();
      },
      Math.max(1, first.deadlineMs - performance.now()),
    );
    this.#deadlineTimer.unref();
  }
}

function answerAll<Item, Result>(batch: readonly Waiting<Item, Result>[], results: readonly Result[]): void {
  for (const [index, { resolve, reject }] of batch.entries()) {
    const result = results[index];
    if (result === undefined)
      reject(new SatwayError('INTERNAL', { detail: 'A batch was answered in part.', fundsMoved: 'no' }));
    else resolve(result);
  }
}

function rejectAll<Item, Result>(batch: readonly Waiting<Item, Result>[], error: SatwayError): void {
  for (const { reject } of batch) reject(error);
}

function timeIsUp(): SatwayError {
  return new SatwayError('STORE_UNAVAILABLE', { detail: 'No answer in time.' });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
