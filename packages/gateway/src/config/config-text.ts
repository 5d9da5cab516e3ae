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

/** `CONFIG_INVALID` with every mistake on a line of its own. */
export function configInvalid(path: string, lines: readonly string[]): SatwayError {
  const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  return new SatwayError('CONFIG_INVALID', {
    detail: `${path} has ${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    facts: { path, mistakes: lines.length },
  });
}
