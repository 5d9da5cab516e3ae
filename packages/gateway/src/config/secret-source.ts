import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigMistake } from './mistake.js';

/** What the files of one configuration are read against. */
export interface SourceContext {
  /** Relative paths count from the folder of the configuration file. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Mistakes are collected, so that all of them are told at once. */
  readonly mistakes: ConfigMistake[];
  /** Told the name of each variable whose value is a secret and was used as one. */
  readonly onSecretRead?: ((variable: string) => void) | undefined;
}

/** The bytes of a file that the configuration names; empty, with a mistake noted, where it cannot be read. */
export async function readNamedFile(
  context: SourceContext,
  path: readonly (string | number)[],
  file: string,
): Promise<Buffer> {
  try {
    const bytes = await readFile(resolve(context.folder, file));
    if (bytes.length > 0) return bytes;
    context.mistakes.push({ path, message: 'names a file that is empty' });
  } catch {
    context.mistakes.push({ path, message: 'names a file that cannot be read' });
  }
  return Buffer.alloc(0);
}

/**
 * The value of a variable that the configuration names, all of which are secrets, or the bytes of the file that its twin `NAME_FILE` names, as container platforms hand secrets
 * over. Bytes, since a macaroon as LND writes it is no text. Empty, with a mistake noted, where it cannot be had.
 */
export function readNamedVariable(context: SourceContext, path: readonly (string | number)[], name: string): Buffer {
  const value = context.environment[name] ?? '';
  const file = context.environment[`${name}_FILE`] ?? '';
  if (value !== '') {
    context.onSecretRead?.(name);
    return Buffer.from(value);
  }
  if (file !== '') return readTwin(context, path, name, file);
  // The secret itself may have been put here by mistake; what is written like the name of a variable is told.
  const which = VARIABLE_NAME.test(name) ? `the variable ${name}, which` : 'a variable that';
  context.mistakes.push({ path, message: `names ${which} is not set` });
  return Buffer.alloc(0);
}

const VARIABLE_NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;

function readTwin(context: SourceContext, path: readonly (string | number)[], name: string, file: string): Buffer {
  const tell = (what: string): void =>
    void context.mistakes.push({ path, message: `names the variable ${name}; the file of ${name}_FILE ${what}` });
  try {
    const bytes = readFileSync(resolve(context.folder, file));
    if (bytes.toString('latin1').trim() !== '') return bytes;
    tell('is empty');
  } catch {
    tell('cannot be read');
  }
  return Buffer.alloc(0);
}
