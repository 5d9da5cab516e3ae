import { SatwayError } from '@satway/base';

/** The limits of the buying side that the environment may set. */
export type LimitVariable = 'BUDGET_SATS' | 'MAX_AUTO_PAY_SATS' | 'SATWAY_MAX_BALANCE_SATS';

/** What holds when nothing is said, in whole satoshis. */
export const DEFAULT_BUDGET_SATS = 5_000;
export const DEFAULT_MAX_PER_REQUEST_SATS = 100;

/**
 * A limit in whole satoshis that the environment sets; `null` where it does not, or the variable is empty.
 *
 * @throws {SatwayError} `CLI_USAGE` where it is no whole number of satoshis: a limit that cannot be read must not count as none.
 */
export function limitFromEnvironment(variable: LimitVariable, environment: NodeJS.ProcessEnv): number | null {
  const text = (environment[variable] ?? '').trim();
  if (text === '') return null;
  const sats = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(sats * 1000)) return sats;
  throw new SatwayError('CLI_USAGE', { detail: `${variable} must be a whole number of satoshis.` });
}
