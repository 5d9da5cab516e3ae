import type { ErrorCode } from '@satway/base';
import { L402Error } from '../l402-client/l402-error.js';

/** Errors that are wrapped deeper than that are not looked for. */
const DEPTH = 8;

/**
 * The error of ours inside of another library's, by its `cause`: whether funds moved and what to do next stand there. `null` where there is none.
 *
 * @param code - only one with this code.
 */
export function findL402Error(error: unknown, code?: ErrorCode): L402Error | null {
  let next: unknown = error;
  for (let depth = 0; depth < DEPTH && next instanceof Error; depth += 1) {
    if (next instanceof L402Error && (code === undefined || next.code === code)) return next;
    next = next.cause;
  }
  return null;
}
