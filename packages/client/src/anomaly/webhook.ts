import { isSatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import { bytesToHex, hmacSha256 } from '@satway/protocol';
import type { CheckedAnomaly } from './anomaly-options.js';

/** What a webhook needs of the outside. */
export interface WebhookParts {
  readonly options: NonNullable<CheckedAnomaly['webhook']>;
  readonly egress: Pick<Egress, 'exchange'>;
  readonly nowMs: () => number;
  /** Resolves after the time, or when the signal aborts; keeps no process from ending. */
  readonly pause: (waitMs: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to below 1. */
  readonly jitter: () => number;
  /** Told of what was not delivered; never throws. */
  readonly onGivenUp: (eventId: string, why: string) => void;
}

/** Posts bodies one after the other, in the background. */
export interface Webhook {
  /** Never waits and never throws; where too many wait already, this one is given up. */
  push(eventId: string, body: string): void;
  /** Gives each that waits a last attempt, for so long at most. */
  close(patienceMs: number): Promise<void>;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

interface Posted {
  readonly eventId: string;
  readonly body: string;
}

export function createWebhook(parts: WebhookParts): Webhook {
  const waiting: Posted[] = [];
  const closing = new AbortController();
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  const run = async () => {
    // Taken out when it is delivered or given up, so that what is under way counts as waiting.
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await deliver(parts, next, closing.signal, stopped.signal);
      waiting.shift();
    }
    running = null;
  };
  return {
    push(eventId, body) {
      if (waiting.length >= parts.options.maxQueued || closing.signal.aborted) {
        parts.onGivenUp(eventId, 'too many wait');
        return;
      }
      waiting.push({ eventId, body });
      running ??= run();
    },
    async close(patienceMs) {
      closing.abort();
      const patience = parts.pause(patienceMs, stopped.signal).then(() => stopped.abort());
      await Promise.race([running ?? Promise.resolve(), patience]);
      stopped.abort();
      await running;
    },
  };
}

async function deliver(parts: WebhookParts, posted: Posted, closing: AbortSignal, stopped: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt >= parts.options.maxAttempts || closing.aborted;
    const result = stopped.aborted ? 'stopped' : await attemptOnce(parts, posted, stopped);
    if (result === 'delivered') return;
    if (isLast || stopped.aborted || !isWorthRepeating(result)) return parts.onGivenUp(posted.eventId, result);
    await parts.pause(waitBefore(attempt, parts.jitter()), closing);
  }
}

/** `delivered`, the status, or the code of what broke. */
async function attemptOnce(parts: WebhookParts, { eventId, body }: Posted, signal: AbortSignal): Promise<string> {
  const { options, egress, nowMs } = parts;
  try {
    const answer = await egress.exchange({
      method: 'POST',
      url: options.url,
      headers: { ...signatureHeaders(options.secret, nowMs(), body), 'x-satway-event-id': eventId },
      body,
      deadlineMs: options.timeoutMs,
      maxBodyBytes: 65_536,
      signal,
      reach: 'configured',
    });
    answer.discard();
    return answer.status >= 200 && answer.status < 300 ? 'delivered' : `status ${answer.status}`;
  } catch (error) {
    return isSatwayError(error) ? error.code : 'INTERNAL';
  }
}

/** The time is signed with the body, and anew at each attempt, so that a receiver can refuse what is old. */
function signatureHeaders(secret: string, nowMs: number, body: string): Record<string, string> {
  const timestamp = String(nowMs);
  const signature = bytesToHex(hmacSha256(Buffer.from(secret), Buffer.from(`${timestamp}.${body}`)));
  return {
    'content-type': 'application/json',
    'user-agent': 'satway',
    'x-satway-timestamp': timestamp,
    'x-satway-signature': `v1=${signature}`,
  };
}

/** A receiver that says no, or sends elsewhere, will say the same the next time. */
function isWorthRepeating(result: string): boolean {
  const status = Number(/^status (\d+)$/.exec(result)?.[1] ?? 500);
  return status === 408 || status === 429 || status >= 500;
}

function waitBefore(attempt: number, jitter: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS) * (0.5 + jitter);
}
