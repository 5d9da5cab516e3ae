/** What an answer to a request with a credential means for the credential. */
export type Verdict =
  /** The seller's answer; the use is gone. */
  | 'answered'
  /** The credential was not accepted. */
  | 'refused'
  /** In use this moment, or the same key is still running: wait and send the same again. */
  | 'busy'
  /** The upstream failed and the seller gave the use back: the same again is free. */
  | 'failed_retryable'
  /** No charge, or none that is told: the credential is kept for the next call of the same thing. */
  | 'kept';

/** The part of an answer by which it is judged. */
export interface JudgedAnswer {
  readonly status: number;
  header(name: string): string | null;
}

/**
 * Judges an answer by status and by what the seller says happened to the money.
 *
 * @see wire format, "Credential" and "What happened to the money". A 401 counts as a refusal only from sellers that do not speak
 * `X-Payment-Outcome`: with it, the 401 is the origin's own answer.
 */
export function judge(answer: JudgedAnswer): Verdict {
  const outcome = answer.header('x-payment-outcome');
  if (answer.status === 402) return 'refused';
  if (answer.status === 401 && outcome === null) return 'refused';
  if (answer.status === 409 && outcome !== 'charged' && answer.header('retry-after') !== null) return 'busy';
  if (answer.status < 500 || outcome === 'charged') return 'answered';
  return answer.header('x-payment-code') === 'upstream_failed_retryable' ? 'failed_retryable' : 'kept';
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date, at most the largest safe integer; `null` when it cannot be read. */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  // However many digits: a time that is too long to count must not pass for none.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? null : Math.max(dateMs - nowMs, 0);
}
