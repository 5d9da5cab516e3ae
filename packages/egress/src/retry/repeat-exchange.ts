import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeRequest, ExchangeResponse } from '../exchange/index.js';
import { backOffMs, isTransientFailure, mayBeRepeated, waitAfterAnswer } from './retry-rules.js';

/** One attempt, within what is left of the time. */
type Attempt = (request: ExchangeRequest) => Promise<ExchangeResponse>;

/**
 * Makes an exchange, and makes it again where the request says how often and where it may be repeated at all. The time limit is over all of it, pauses included: what would come after
 * it is not begun, and the last answer or error stands.
 *
 * @throws {SatwayError} as `Egress.exchange`.
 */
export async function repeatExchange(request: ExchangeRequest, attempt: Attempt): Promise<ExchangeResponse> {
  const endsAtMs = performance.now() + request.deadlineMs;
  const retries = mayBeRepeated(request) ? (request.retries ?? 0) : 0;
  for (let count = 0; ; count++) {
    const deadlineMs = count === 0 ? request.deadlineMs : Math.max(1, endsAtMs - performance.now());
    const isLast = count >= retries;
    const hasTimeFor = (waitMs: number): boolean => performance.now() + waitMs < endsAtMs;
    try {
      const answer = await attempt({ ...request, deadlineMs });
      const waitMs = isLast ? null : waitAfterAnswer(answer, count, Date.now());
      if (waitMs === null || !hasTimeFor(waitMs)) return answer;
      answer.discard();
      await pause(waitMs, request.signal);
    } catch (error) {
      const waitMs = backOffMs(count);
      if (isLast || !isTransientFailure(error) || !hasTimeFor(waitMs)) throw error;
      await pause(waitMs, request.signal);
    }
  }
}

/** A caller who leaves ends the pause; the next attempt then says so. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
