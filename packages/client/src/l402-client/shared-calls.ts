import type { Call } from '../call/index.js';
import { type CallerTerms, type CallTerms, createCallTerms, readTerms } from './call-terms.js';
import { L402Error } from './l402-error.js';
import type { Performed } from './performed.js';
import { copyOf, endingWith, type SharedBody, shareBody } from './shared-body.js';

type Work = (signal: AbortSignal, terms: CallTerms) => Promise<Performed>;

/** Calls under way, so that repeats of one logical call within this process share its purchase and its answer. */
export interface SharedCalls {
  /**
   * Runs `work`, or joins a call under way with the same key of the caller's and narrows it.
   *
   * @throws {L402Error} `IDEMPOTENCY_KEY_REUSED`, `CALL_ABORTED`, and those of `CallTerms.join`.
   */
  run(call: Call, signal: AbortSignal | null, work: Work, terms?: CallerTerms): Promise<Performed>;
  /** How many run at this moment. */
  readonly size: number;
}

interface Running {
  readonly call: Call;
  readonly answer: Promise<Performed>;
  readonly controller: AbortController;
  readonly terms: CallTerms;
  /** Callers who have neither left nor come to the end of their answer. */
  present: number;
  /** Callers who still wait for the answer's head. */
  waiting: number;
  /** Of an answer that several may read; made for the first of them. */
  body: SharedBody | null;
}

export function createSharedCalls(): SharedCalls {
  const byKey = new Map<string, Running>();
  return {
    get size() {
      return byKey.size;
    },
    async run(call, signal, work, terms = readTerms()) {
      const joined = byKey.get(call.idempotencyKey);
      if (joined !== undefined && !isSameThing(joined.call, call)) throw new L402Error('IDEMPOTENCY_KEY_REUSED');
      joined?.terms.join(terms);
      const running = joined ?? start(byKey, call, work, createCallTerms(terms));
      return waitFor(running, signal);
    },
  };
}

function start(byKey: Map<string, Running>, call: Call, work: Work, terms: CallTerms): Running {
  const controller = new AbortController();
  const answer = work(controller.signal, terms).finally(() => byKey.delete(call.idempotencyKey));
  // Everybody may have left by then; the outcome is in the journal.
  answer.catch(() => undefined);
  const running: Running = { call, answer, controller, terms, present: 0, waiting: 0, body: null };
  byKey.set(call.idempotencyKey, running);
  return running;
}

/** One caller who leaves takes nothing from the others; when the last has left, the work may stop at its next safe point. */
async function waitFor(running: Running, signal: AbortSignal | null): Promise<Performed> {
  running.present++;
  running.waiting++;
  const gone = watch(signal, () => leaveEarly(running, signal));
  try {
    const performed = await Promise.race([running.answer, gone.promise]);
    // The signal may have come after the answer and before us.
    if (signal?.aborted === true) return await gone.promise;
    running.waiting--;
    if (running.call.keyGiven) return ownPart(running, performed, signal);
    // Alone on this answer: leaving also ends a body that still streams.
    signal?.addEventListener('abort', () => leave(running, signal), { once: true });
    return performed;
  } finally {
    gone.stop();
  }
}

/** Calls `onLeave` in the very moment in which the signal aborts, so that the work's next safe point knows; then rejects. */
function watch(signal: AbortSignal | null, onLeave: () => void): { promise: Promise<never>; stop: () => void } {
  let stop: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    const left = () => {
      onLeave();
      reject(new L402Error('CALL_ABORTED', { cause: signal?.reason }));
    };
    if (signal?.aborted === true) left();
    else signal?.addEventListener('abort', left, { once: true });
    stop = () => signal?.removeEventListener('abort', left);
  });
  promise.catch(() => undefined);
  return { promise, stop };
}

/** Leaves before the answer's head was handed over. */
function leaveEarly(running: Running, signal: AbortSignal | null): void {
  if (--running.waiting === 0) running.body?.giveUp();
  leave(running, signal);
}

function leave(running: Running, signal: AbortSignal | null): void {
  if (--running.present === 0) running.controller.abort(signal?.reason);
}

/** An answer of the caller's own, which ends with the caller's signal; the last to come gets what is left, so that no copy is kept for nobody. */
function ownPart(running: Running, { response, payment }: Performed, signal: AbortSignal | null): Performed {
  running.body ??= shareBody(response.body);
  const body = running.body.take(running.waiting === 0);
  if (body === null) return { response: copyOf(response, null), payment };
  const fundsMoved = payment === null || payment.source === 'cached' ? 'no' : 'yes';
  const own = endingWith(body, {
    signal,
    abortError: () => new L402Error('CALL_ABORTED', { cause: signal?.reason, fundsMoved }),
    onEnd: () => leave(running, signal),
  });
  return { response: copyOf(response, own), payment };
}

function isSameThing(a: Call, b: Call): boolean {
  return a.method === b.method && a.url === b.url && a.bodySha256Hex === b.bodySha256Hex;
}
