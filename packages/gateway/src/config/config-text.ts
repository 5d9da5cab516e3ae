import { readFile } from 'node:fs/promises';
import { SatwayError } from '@satway/base';

/** Longer files are not configurations. */
const MAX_FILE_BYTES = 4 * 1_048_576;

/** @throws {SatwayError} `CONFIG_UNREADABLE`. */
export async function readConfigText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8');
  } catch (cause) {
    throw new SatwayError('CONFIG_UNREADABLE', { detail: path, cause });
  }
  throw new SatwayError('CONFIG_UNREADABLE', { detail: `${path} is longer than ${MAX_FILE_BYTES} bytes.` });
}

/** Nobody mends more at a time. */
const MAX_LINES = 100;
/** A file of noise is wrong in thousands of places; the first few are enough to see that. */
const MAX_PLACES = 10;

/** `CONFIG_INVALID` with every mistake on a line of its own, the first hundred of them. */
export function configInvalid(path: string, lines: readonly string[], maxLines: number = MAX_LINES): SatwayError {
  const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  const left = lines.length - maxLines;
  const listed = [...lines.slice(0, maxLines), ...(left > 0 ? [`and ${left} more`] : [])];
  return new SatwayError('CONFIG_INVALID', {
    detail: `${path} has ${count}:\n${listed.map((line) => `  ${line}`).join('\n')}`,
    facts: { path, mistakes: lines.length },
  });
}

/** As `configInvalid`, of a text that is not YAML. */
export function noYaml(path: string, syntaxMistakes: readonly string[]): SatwayError {
  return configInvalid(path, syntaxMistakes, MAX_PLACES);
}
