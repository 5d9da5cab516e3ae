import type { Call } from '../call/index.js';
import { L402Error } from './l402-error.js';
import type { Performed } from './performed.js';

type Work = (signal: AbortSignal) => Promise<Performed>;

/** Calls under way, so that repeats of one logical call within this process share its purchase and its answer. */
export interface SharedCalls {
  /** Runs `work`, or joins a call under way with the same key of the caller's. @throws {L402Error} `IDEMPOTENCY_KEY_REUSED`, `CALL_ABORTED`. */
  run(call: Call, signal: AbortSignal | null, work: Work): Promise<Performed>;
  /** How many run at this moment. */
  readonly size: number;
}

interface Running {
  readonly call: Call;
  readonly answer: Promise<Performed>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSharedCalls(): SharedCalls {
  const byKey = new Map<string, Running>();
  return {
    get size() {
      return byKey.size;
    },
    async run(call, signal, work) {
      const joined = byKey.get(call.idempotencyKey);
      if (joined !== undefined && !isSameThing(joined.call, call)) throw new L402Error('IDEMPOTENCY_KEY_REUSED');
      const running = joined ?? start(byKey, call, work);
      return waitFor(running, signal);
    },
  };
}

function start(byKey: Map<string, Running>, call: Call, work: Work): Running {
  const controller = new AbortController();
  const answer = work(controller.signal).finally(() => byKey.delete(call.idempotencyKey));
  // Everybody may have left by then; the outcome is in the journal.
  answer.catch(() => undefined);
  const running: Running = { call, answer, controller, waiting: 0 };
  byKey.set(call.idempotencyKey, running);
  return running;
}

/** One caller who leaves takes nothing from the others; when the last has left, the work may stop at its next safe point. */
async function waitFor(running: Running, signal: AbortSignal | null): Promise<Performed> {
  running.waiting++;
  let left: (() => void) | null = null;
  const leaving = new Promise<never>((_, reject) => {
    left = () => {
      if (--running.waiting === 0) running.controller.abort(signal?.reason);
      reject(new L402Error('CALL_ABORTED', { cause: signal?.reason }));
    };
    if (signal?.aborted === true) left();
    else signal?.addEventListener('abort', left, { once: true });
  });
  leaving.catch(() => undefined);
  try {
    const { response, payment } = await Promise.race([running.answer, leaving]);
    // Each caller reads a body of its own; the original is never read.
    if (running.call.keyGiven) return { response: copyOf(response), payment };
    // Alone on this answer: leaving also ends a body that still streams.
    signal?.addEventListener('abort', () => running.controller.abort(signal.reason), { once: true });
    return { response, payment };
  } finally {
    if (left !== null) signal?.removeEventListener('abort', left);
  }
}

function copyOf(response: Response): Response {
  const copy = response.clone();
  Object.defineProperty(copy, 'url', { value: response.url });
  Object.defineProperty(copy, 'redirected', { value: response.redirected });
  return copy;
}

function isSameThing(a: Call, b: Call): boolean {
  return a.method === b.method && a.url === b.url && a.bodySha256Hex === b.bodySha256Hex;
}
