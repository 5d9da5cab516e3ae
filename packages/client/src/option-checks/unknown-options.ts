import { SatwayError } from '@satway/base';
import { nearestName } from './nearest-name.js';

/** Options that stand together, and what may stand there. */
export interface OptionGroup {
  /** Where they stand: `limits`; empty for the outermost. */
  readonly path: string;
  /** As it was given, by callers without types too. Left out is in order. */
  readonly given: unknown;
  readonly known: readonly string[];
}

/** Of more names than that, none is named that is not near. */
const MOST_NAMED = 9;

/** The names of an object whose type says that it has all of them. */
export function namesOf<Names extends string>(names: Readonly<Record<Names, true>>): readonly string[] {
  return Object.keys(names);
}

/**
 * Refuses what nobody would ever read: a limit, a list or an approver under a name that is slightly wrong is none at all. Tells all mistakes at once, and the name that
 * was meant where one is near.
 *
 * @throws {SatwayError} `CLIENT_OPTIONS_INVALID`.
 */
export function refuseUnknownOptions(...groups: readonly OptionGroup[]): void {
  const mistakes = groups.flatMap(mistakesIn);
  if (mistakes.length > 0) throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: mistakes.join(' ') });
}

function mistakesIn({ path, given, known }: OptionGroup): string[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return [path === '' ? 'The options are no object with names.' : `Option ${path} is no object with names.`];
  }
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return unknown.slice(0, 10).map((name) => mistakeOf(path, name, known));
}

function mistakeOf(path: string, name: string, known: readonly string[]): string {
  const place = path === '' ? '' : `${path}.`;
  const option = `Option ${place}${name.slice(0, 50)} is not known`;
  const meant = nearestName(name, known);
  if (meant !== null) return `${option}; ${place}${meant} is.`;
  return known.length > MOST_NAMED ? `${option}.` : `${option}; known are ${known.join(', ')}.`;
}
