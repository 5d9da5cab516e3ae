import { type ErrorCode, isSatwayError } from '@satway/base';

const TIMEOUTS: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** Errors of a connection that was never made. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * The parser counts the bytes of an answer against its `Content-Length` also where the answer can have none: a 304 may declare the length that
 * the body would have (RFC 9110, 8.6). There the error marks the end of a whole answer.
 */
export function isLengthMismatch(error: Error): boolean {
  return 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/** Which of our codes an error on the way to the origin is. The body's own errors (too large, caller gone) keep their code. */
export function originFailure(error: Error): ErrorCode {
  if (isSatwayError(error)) return error.code;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TIMEOUTS.has(code)) return 'ORIGIN_TIMEOUT';
  if (NEVER_CONNECTED.has(code)) return 'ORIGIN_UNREACHABLE';
  return 'ORIGIN_BROKEN';
}
