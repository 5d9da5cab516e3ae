import { isSatwayError } from '@satway/base';
import type { ExchangeRequest, ExchangeResponse } from '../exchange/index.js';

/** @see RFC 9110, 9.2.2: asked twice is asked once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Schemes of `Authorization` with which something is paid for. */
const PAID = /^\s*(?:l402|lsat|payment|x402)\b/i;
/** Headers in which something is paid with: proofs, signed payments, ecash, sessions. */
const PAYMENT_HEADER = /^(?:x-)?(?:payment|l402|lsat|402|cashu|ecash|session|preimage|macaroon)(?:-|$)/i;

/** Answers by which a server says that it may be asked again. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Whether a request may be sent a second time by itself: it is idempotent, and carries no payment. A payment goes out once, whatever becomes of it; who sent it knows what
 * is to be done then.
 */
export function mayBeRepeated({ method, headers }: Pick<ExchangeRequest, 'method' | 'headers'>): boolean {
  return IDEMPOTENT.has(method.toUpperCase()) && !pairsOf(headers).some(([name, value]) => carriesPayment(name, value));
}

function carriesPayment(name: string, value: string): boolean {
  const isAuthorization = /^(?:proxy-)?authorization$/i.test(name.trim());
  return isAuthorization ? PAID.test(value) : PAYMENT_HEADER.test(name.trim());
}

function pairsOf(headers: ExchangeRequest['headers']): readonly (readonly [string, string])[] {
  if (headers === undefined) return [];
  return Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers);
}

/** A connection that failed may be made again. What was refused by a rule, given up or too large stays so. */
export function isTransientFailure(error: unknown): boolean {
  return ['EGRESS_UNREACHABLE', 'EGRESS_BROKEN', 'EGRESS_TIMEOUT'].some((code) =>
    isSatwayError(error, code as 'EGRESS_BROKEN'),
  );
}

/**
 * How long to wait before this answer is asked for again, as its server wishes or by back-off.
 *
 * @returns `null` where the answer is one to keep, or the server wants a longer wait than anybody would sit through.
 */
export function waitAfterAnswer(
  answer: Pick<ExchangeResponse, 'status' | 'header'>,
  attempt: number,
  nowMs: number,
): number | null {
  if (!TRANSIENT.has(answer.status)) return null;
  const asked = retryAfterMs(answer.header('retry-after'), nowMs);
  if (asked === null) return backOffMs(attempt);
  return asked > LONGEST_PAUSE_MS ? null : Math.max(asked, backOffMs(attempt));
}

/** Twice as long each time, and half of it by chance, so that those who failed together do not come back together. */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return longestMs / 2 + (longestMs / 2) * random();
}

/** Seconds or a date (RFC 9110, 10.2.3); `null` for anything else. */
function retryAfterMs(value: string | null, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
