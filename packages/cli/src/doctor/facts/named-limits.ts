import { SatwayError } from '@satway/base';
import type { NamedAmount } from './facts.js';
import { known } from './learned.js';

/** Reads an amount that a variable may name; an empty one counts as not set. */
export function readNamedAmount(variable: string, environment: NodeJS.ProcessEnv): NamedAmount {
  const text = (environment[variable] ?? '').trim();
  if (text === '') return { variable, sats: known(null) };
  const sats = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(sats * 1000)) return { variable, sats: known(sats) };
  const { code, message } = new SatwayError('CLI_USAGE', { detail: `${variable} is no whole number of satoshis.` });
  return { variable, sats: { known: false, code, why: message } };
}
