import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';

/** The token that callers of the HTTP transport show, and the file that holds it where nobody gave one. */
export interface AuthToken {
  readonly token: string;
  readonly file: string | null;
}

const FILE_NAME = 'mcp-token';

/**
 * The token that was given, else the one in the home folder, else a new one of 256 random bits, kept there for its owner alone.
 *
 * @throws {SatwayError} `MCP_TOKEN_FILE_UNSAFE` when others may read the file, or it holds no token; it is left as it is.
 */
export function readOrMakeAuthToken({ home, given }: { home: string; given: string | null }): AuthToken {
  if (given !== null) return { token: given, file: null };
  const file = join(home, FILE_NAME);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (statSync(file, { throwIfNoEntry: false }) === undefined) makeFile(file);
  return { token: readFile(file), file };
}

/** Whole or not at all, and never over another process's: `link` fails where the name is taken. */
function makeFile(file: string): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (!isTaken) throw new SatwayError('MCP_TOKEN_FILE_UNSAFE', { detail: file, cause });
  } finally {
    unlinkSync(draft);
  }
}

function readFile(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new SatwayError('MCP_TOKEN_FILE_UNSAFE', { detail: `Others may read ${file}.` });
  }
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\x21-\x7e]{32,512}$/.test(token)) return token;
  throw new SatwayError('MCP_TOKEN_FILE_UNSAFE', { detail: `${file} holds no token of 32 to 512 visible characters.` });
}
