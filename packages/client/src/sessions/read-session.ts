import { HEADERS } from '@satway/protocol';

/** What an answer says of the session that it belongs to; `null` for what it does not say. */
export interface ToldSession {
  readonly token: string | null;
  readonly expiresAtMs: number | null;
  readonly balance: number | null;
}

/** Longer than any token of ours; one that cannot stand in a header is none. */
const TOKEN = /^[\x21-\x7e]{1,2048}$/;
/** With its zone: without one, every reader would understand another moment. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const COUNT = /^\d{1,15}$/;

/** Reads `X-Session-Token`, `X-Session-Expires` and `X-Session-Balance`. What cannot be read, or is there twice, was not said. */
export function readSession(answer: { header(name: string): string | null }): ToldSession {
  const token = answer.header(HEADERS.sessionToken);
  return {
    token: token !== null && TOKEN.test(token) ? token : null,
    expiresAtMs: timeIn(answer.header(HEADERS.sessionExpires)),
    balance: countIn(answer.header(HEADERS.sessionBalance)),
  };
}

/** Milliseconds since 1970. */
function timeIn(value: string | null): number | null {
  const atMs = value !== null && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

function countIn(value: string | null): number | null {
  return value !== null && COUNT.test(value) ? Number(value) : null;
}
