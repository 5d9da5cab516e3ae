import { type ErrorCode, errorTable } from '@satway/base';
import type { GateAnswer } from './decision.js';
import { outcomeHeaders, wireCode } from './payment-outcome.js';

type Headers = readonly (readonly [name: string, value: string])[];

const PROBLEM_HEADERS: Headers = [
  ['Content-Type', 'application/problem+json'],
  ['Cache-Control', 'no-store'],
];

export interface ProblemOptions {
  readonly headers?: Headers;
  readonly retryAfterMs?: number;
  /** The request carried a credential: the answer says that it was not charged. */
  readonly presented: boolean;
}

/** An answer of the error table as `application/problem+json`; says nothing that is not in the table. */
export function problemAnswer(code: ErrorCode, { headers = [], retryAfterMs, presented }: ProblemOptions): GateAnswer {
  const { message, httpStatus, fundsMoved, nextStep } = errorTable[code];
  const status = httpStatus ?? 500;
  const retryAfter: Headers = retryAfterMs === undefined ? [] : [['Retry-After', retryAfterSeconds(retryAfterMs)]];
  const outcome = presented ? outcomeHeaders('not_charged', code) : [];
  const body = {
    type: 'about:blank',
    title: message,
    status,
    detail: nextStep,
    error: message,
    code: wireCode(code),
    fundsMoved,
  };
  return { status, headers: [...PROBLEM_HEADERS, ...retryAfter, ...headers, ...outcome], body: JSON.stringify(body) };
}

/** Rounded up: who waits so long is not too early. */
function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}

/** The answer to a call that was charged before and whose answer was not kept: this one takes nothing. */
export function replayUnavailableAnswer(): GateAnswer {
  return problemAnswer('REPLAY_UNAVAILABLE', { presented: true });
}
