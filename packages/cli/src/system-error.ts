import { type FundsMoved, SatwayError } from '@satway/base';

/** A refusal of the operating system's as an error with a next step: a file that may not be written, a port that is taken. `null` for every other error. */
export function systemError(error: unknown, fundsMoved: FundsMoved): SatwayError | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return new SatwayError('SYSTEM_REFUSED', { detail: `${error.message}.`, cause: error, fundsMoved });
}
