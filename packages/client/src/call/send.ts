import { createHash } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { Egress, ExchangeRequest, ExchangeResponse } from '@satway/egress';
import type { Call } from './call.js';
import { type Hop, headersFor, isTrusted, MAX_REDIRECTS, nextHop } from './redirect.js';

/** How requests go out. */
export interface Sender {
  readonly egress: Pick<Egress, 'exchange'>;
  /** Over a request, the redirects after it, and the body of the last answer. */
  readonly exchangeTimeoutMs: number;
  /** For one request of it until its answer's head; a request that carries a payment has all the time there is. */
  readonly hopTimeoutMs?: number;
  readonly maxResponseBytes: number;
}

/** How often a request without a payment is sent again; only where its method is idempotent. */
const RETRIES = 2;

/** A credential as it goes into one request: only ever to the origin that sold it. */
export interface Authorization {
  readonly origin: string;
  /** The header's name; `authorization` when left out. */
  readonly name?: string;
  readonly header: string;
  readonly idempotencyKey: string;
}

/** An answer and where it came from. */
export interface Sent {
  readonly answer: ExchangeResponse;
  readonly hop: Hop;
  readonly redirected: boolean;
  /** When the time of this exchange is over, by the clock that only runs forward. */
  readonly endsAtMs: number;
}

/**
 * One exchange, no redirect followed.
 *
 * @param endsAtMs - of the exchange that this one goes on with.
 * @throws {SatwayError} `EGRESS_…`.
 */
export async function sendOnce(
  sender: Sender,
  call: Call,
  hop: Hop,
  authorization: Authorization | null,
  signal: AbortSignal,
  endsAtMs = performance.now() + sender.exchangeTimeoutMs,
): Promise<Sent> {
  const { method, url } = hop.target;
  const answer = await sender.egress.exchange({
    method,
    url,
    headers: requestHeaders(call, hop, authorization),
    ...(call.body !== null && hop.withBody ? { body: call.body } : {}),
    ...timesFor(sender, authorization, endsAtMs),
    maxBodyBytes: sender.maxResponseBytes,
    signal,
  });
  return { answer, hop, redirected: false, endsAtMs };
}

/** What was paid for may take long to make; and a payment is sent by whoever knows what became of the last one. */
function timesFor(
  { hopTimeoutMs }: Sender,
  authorization: Authorization | null,
  endsAtMs: number,
): Pick<ExchangeRequest, 'deadlineMs' | 'hopTimeoutMs' | 'retries'> {
  const deadlineMs = Math.max(1, endsAtMs - performance.now());
  if (authorization !== null) return { deadlineMs };
  return { deadlineMs, retries: RETRIES, ...(hopTimeoutMs === undefined ? {} : { hopTimeoutMs }) };
}

/**
 * Follows redirects by hand. Credential and secrets go along only while the origin stays the same; after a stranger they do not come back.
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
    sent = { ...(await sendOnce(sender, call, hop, authorization, signal, first.endsAtMs)), redirected: true };
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

function requestHeaders(call: Call, hop: Hop, authorization: Authorization | null): [string, string][] {
  const own = new Map<string, string>([
    ['accept', '*/*'],
    ['accept-encoding', 'identity'],
    ['user-agent', 'satway'],
  ]);
  for (const [name, value] of headersFor(call, hop)) own.set(name, value);
  const key = authorization?.idempotencyKey ?? call.idempotencyKey;
  own.set('idempotency-key', isTrusted(hop, call.origin) ? key : foreignKey(key, hop.target.origin));
  if (authorization !== null && isTrusted(hop, authorization.origin)) {
    own.set(authorization.name ?? 'authorization', authorization.header);
  }
  return [...own];
}

/** The key is the caller's secret with the seller, so a place of another's choice gets one from which it cannot be found. */
function foreignKey(key: string, targetOrigin: string): string {
  return createHash('sha256').update(`${key} ${targetOrigin}`).digest('hex').slice(0, 32);
}
