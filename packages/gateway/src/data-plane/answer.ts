import { type ErrorCode, errorTable } from '@satway/base';
import { outcomeHeaders, PAYMENT_OUTCOME_HEADER, type PaymentOutcomeName } from '@satway/gate';
import type { CallRequest, CallResponse } from './call-response.js';

/** A complete answer of the gateway itself. */
export interface GatewayAnswer {
  readonly status: number;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** What became of the money, where a credential was presented. */
export interface AnswerOutcome {
  readonly outcome: PaymentOutcomeName;
  readonly code?: ErrorCode;
}

/** Up to here a copy is cheaper than a gathered write. */
const SHORT_CHUNK_BYTES = 4_096;
/** A store that stalled for a moment is back by then. */
const RETRY_AFTER_SECONDS = '2';
/** Refused bodies are read on for so long, so that a caller who is still sending gets to see the answer. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 4 * 1_048_576;

/** A problem (RFC 9457) from the row of the error table; nothing of the request stands in it. */
export function problemAnswer(
  code: ErrorCode,
  payment: AnswerOutcome | null = null,
  extra: readonly string[] = [],
): GatewayAnswer {
  const { httpStatus, message, fundsMoved, nextStep } = errorTable[code];
  const status = httpStatus ?? 500;
  const wireCode = code.toLowerCase();
  const body = JSON.stringify({
    type: 'about:blank',
    title: message,
    status,
    detail: nextStep,
    code: wireCode,
    error: message,
    // The rows speak of calls that were not charged; of one that may have been, nobody can tell.
    fundsMoved: payment?.outcome === 'charged' ? 'unknown' : fundsMoved,
  });
  const headers = ['Content-Type', 'application/problem+json', 'Cache-Control', 'no-store', ...extra];
  if (status === 503) headers.push('Retry-After', RETRY_AFTER_SECONDS);
  if (payment !== null) headers.push(...flattenPairs(outcomeHeaders(payment.outcome, payment.code)));
  return { status, headers, body };
}

export function flattenPairs(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const flat: string[] = [];
  for (const [name, value] of pairs) flat.push(name, value);
  return flat;
}

/** Says `not_charged` where a credential was presented and nothing was said yet. */
export function withOutcome(headers: readonly string[], hasCredential: boolean): readonly string[] {
  if (!hasCredential) return headers;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === PAYMENT_OUTCOME_HEADER.toLowerCase()) return headers;
  }
  return [...headers, PAYMENT_OUTCOME_HEADER, 'not_charged'];
}

/**
 * Sends an answer that is whole. Where the caller is still sending a body that nobody wants, the answer goes out first and the connection
 * closes after a moment: a socket that is closed over unread bytes resets, and the caller would never see what we said.
 */
export function sendAnswer(request: CallRequest, response: CallResponse, answer: GatewayAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const { body } = answer;
  const lingers = response.requestHasBody && !request.complete && !response.awaitsContinue;
  const headers = lingers ? [...answer.headers, 'Connection', 'close'] : [...answer.headers];
  if (canHaveBody(answer.status) && (body.length > 0 || request.method !== 'HEAD') && !hasLength(headers))
    headers.push('Content-Length', String(Buffer.byteLength(body)));
  response.writeHead(answer.status, headers);
  if (lingers && request.method !== 'HEAD') endAfterLinger(request, response, body);
  else if (canHaveBody(answer.status) && body.length > 0) endInOneWrite(response, body);
  else response.end();
}

/** Said a turn later, the end adds no second, empty buffer, and head and body leave in one plain write. */
function endInOneWrite(response: CallResponse, body: string | Uint8Array): void {
  response.write(body);
  process.nextTick(endResponse, response);
}

/** For `process.nextTick`, without a closure for each answer. */
export function endResponse(response: CallResponse): void {
  response.end();
}

function canHaveBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

/** Whether these header lines declare how long the body is. */
export function hasLength(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === 'content-length') return true;
  return false;
}

function endAfterLinger(request: CallRequest, response: CallResponse, body: string | Uint8Array): void {
  response.write(body);
  let discarded = 0;
  const finish = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > LINGER_BYTES) finish();
  });
  request.once('end', finish);
  response.once('close', () => clearTimeout(timer));
  request.resume();
}

/**
 * A head that waits for its first chunk goes out together with it: as one text where the chunk is short, which costs one copy and saves the second
 * buffer of a gathered write. Latin-1 is bytes as they are.
 */
export function writeChunk(response: CallResponse, chunk: Buffer): boolean {
  if (chunk.length > SHORT_CHUNK_BYTES) return response.write(chunk);
  return response.write(chunk.toString('latin1'), 'latin1');
}
