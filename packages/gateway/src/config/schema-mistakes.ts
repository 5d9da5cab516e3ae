import type { z } from 'zod';
import { KNOWN_KEYS, SUCCESSORS } from './config-schema.js';
import type { ConfigMistake } from './mistake.js';

type Issue = z.core.$ZodIssue;

/**
 * What the schema has against the data, in our words and one for each mistake.
 *
 * @param root - the place in `KNOWN_KEYS` of the data as a whole.
 */
export function mistakesOfIssues(issues: readonly Issue[], root = ''): ConfigMistake[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue, root) : [valueMistake(issue)],
  );
}

function valueMistake(issue: Issue): ConfigMistake {
  const path = plainPath(issue.path);
  const takesChoice = issue.code === 'invalid_value';
  if ((takesChoice || issue.code === 'invalid_type') && issue.input === undefined)
    return { path, message: 'is missing' };
  if (takesChoice)
    return { path, message: `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}` };
  return { path, message: plainMessage(issue) };
}

function plainMessage(issue: Issue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  if (issue.expected === 'array') return 'must be a list';
  return issue.expected === 'object' ? 'must be a group of keys' : issue.message;
}

function unknownKeys(issue: Extract<Issue, { code: 'unrecognized_keys' }>, root: string): ConfigMistake[] {
  const path = plainPath(issue.path);
  const place = path.length === 0 ? root : path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
  return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: unknownKeyInWords(place, key) }));
}

function unknownKeyInWords(place: string, key: string): string {
  const successor = Object.hasOwn(SUCCESSORS, place) ? SUCCESSORS[place] : undefined;
  if (successor !== undefined && Object.hasOwn(successor, key))
    return `is not a key here; it is called ${successor[key]}`;
  const known = KNOWN_KEYS[place] ?? [];
  if (known.includes(key)) return 'is not a key of this kind';
  const nearest = nearestName(key, known);
  if (nearest !== null) return `is not a key here; did you mean ${nearest}?`;
  return `is not a key here; known keys: ${known.join(', ')}`;
}

/** The known name that a slip of the fingers away; `null` where none is near. */
function nearestName(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : null;
}

/** Levenshtein's, row by row; names are short (longer ones are cut). */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64);
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[right.length] ?? 0;
}

function plainPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}
