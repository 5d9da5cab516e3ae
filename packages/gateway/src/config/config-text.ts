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

/** Nobody mends more at a time; a file that is no configuration at all has thousands. */
const MAX_LINES = 100;

/** `CONFIG_INVALID` with every mistake on a line of its own, the first hundred of them. */
export function configInvalid(path: string, lines: readonly string[]): SatwayError {
  const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  const left = lines.length - MAX_LINES;
  const listed = [...lines.slice(0, MAX_LINES), ...(left > 0 ? [`and ${left} more`] : [])];
  return new SatwayError('CONFIG_INVALID', {
    detail: `${path} has ${count}:\n${listed.map((line) => `  ${line}`).join('\n')}`,
    facts: { path, mistakes: lines.length },
  });
}
