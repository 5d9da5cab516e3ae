import { createHash } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { Egress, ExchangeResponse } from '@satway/egress';
import type { Call } from './call.js';
import { type Hop, headersFor, MAX_REDIRECTS, nextHop } from './redirect.js';

/** How requests go out. */
export interface Sender {
  readonly egress: Pick<Egress, 'exchange'>;
  readonly exchangeTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/** A credential as it goes into one request: only ever to the origin that sold it. */
export interface Authorization {
  readonly origin: string;
  readonly header: string;
  readonly idempotencyKey: string;
}

/** An answer and where it came from. */
export interface Sent {
  readonly answer: ExchangeResponse;
  readonly hop: Hop;
  readonly redirected: boolean;
}

/** One exchange, no redirect followed. @throws {SatwayError} `EGRESS_…`. */
export async function sendOnce(
  sender: Sender,
  call: Call,
  hop: Hop,
  authorization: Authorization | null,
  signal: AbortSignal,
): Promise<Sent> {
  const { method, url } = hop.target;
  const answer = await sender.egress.exchange({
    method,
    url,
    headers: requestHeaders(call, hop, authorization),
    ...(call.body !== null && hop.withBody ? { body: call.body } : {}),
    deadlineMs: sender.exchangeTimeoutMs,
    maxBodyBytes: sender.maxResponseBytes,
    signal,
  });
  return { answer, hop, redirected: false };
}

/**
 * Follows redirects by hand. The credential goes along only while the origin stays the one that sold it.
 *
 * @throws {SatwayError} `REDIRECT_REFUSED`, `EGRESS_…`.
 */
export async function followRedirects(
  sender: Sender,
  call: Call,
  first: Sent,
  authorization: Authorization | null,
  signal: AbortSignal,
): Promise<Sent> {
  let sent = first;
  for (let count = 0; ; count++) {
    const hop = hopAfter(call, sent);
    if (hop === null) return sent;
    sent.answer.discard();
    if (count === MAX_REDIRECTS) throw new SatwayError('REDIRECT_REFUSED', { detail: 'There were too many.' });
    sent = { ...(await sendOnce(sender, call, hop, authorization, signal)), redirected: true };
  }
}

function hopAfter(call: Call, { answer, hop }: Sent): Hop | null {
  try {
    return nextHop(call, hop, answer.status, answer.header('location'));
  } catch (error) {
    answer.discard();
    throw error;
  }
}

function requestHeaders(
  call: Call,
  { target, withBody }: Hop,
  authorization: Authorization | null,
): [string, string][] {
  const own = new Map<string, string>([
    ['accept', '*/*'],
    ['accept-encoding', 'identity'],
    ['user-agent', 'satway'],
  ]);
  for (const [name, value] of headersFor(call, target, withBody)) own.set(name, value);
  own.set('idempotency-key', keyFor(authorization?.idempotencyKey ?? call.idempotencyKey, call.origin, target.origin));
  if (authorization !== null && authorization.origin === target.origin) own.set('authorization', authorization.header);
  return [...own];
}

/** The key is the caller's secret with the seller, so another origin gets one from which it cannot be found. */
function keyFor(key: string, callOrigin: string, targetOrigin: string): string {
  if (callOrigin === targetOrigin) return key;
  return createHash('sha256').update(`${key} ${targetOrigin}`).digest('hex').slice(0, 32);
}
