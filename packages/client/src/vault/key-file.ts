import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { createFileDurably, SatwayError } from '@satway/base';
import { isSystemError, type Warn } from './private-files.js';

const KEY_TEXT = /^([0-9a-f]{64})\n?$/;

/**
 * Reads a file with a key: 64 lower-case hex digits.
 *
 * @returns `null` where there is none.
 * @throws {SatwayError} `VAULT_KEY_UNSAFE` for what is no plain file of this user's; `VAULT_KEY_DAMAGED`. It is left as it is.
 */
export function readKeyFile(path: string, warn: Warn): string | null {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return null;
    throw new SatwayError('VAULT_KEY_UNSAFE', { detail: `It is ${path}.`, cause });
  }
  try {
    guard(path, handle, fstatSync(handle), warn);
    return keyIn(path, readFileSync(handle, 'utf8'));
  } finally {
    closeSync(handle);
  }
}

function guard(path: string, handle: number, stats: Stats, warn: Warn): void {
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  if (!stats.isFile() || !isOurs) throw new SatwayError('VAULT_KEY_UNSAFE', { detail: `It is ${path}.` });
  if (process.platform === 'win32' || (stats.mode & 0o077) === 0) return;
  fchmodSync(handle, 0o600);
  warn(
    `The key of the vault, ${path}, could be read by others of this machine; now only its owner may read it. Whoever read it before can open what the store holds.`,
  );
}

function keyIn(path: string, text: string): string {
  const key = KEY_TEXT.exec(text)?.[1];
  if (key === undefined) throw new SatwayError('VAULT_KEY_DAMAGED', { detail: `It is ${path}.` });
  return key;
}

/**
 * Makes a key in a file of its own, for its owner only, and on the disk before it returns. The file gets its name in one step, with the whole key in it: of
 * several processes that make one at the same time, exactly one wins, and all of them return its key.
 */
export function createKeyFile(path: string, warn: Warn): string {
  try {
    createFileDurably(path, `${randomBytes(32).toString('hex')}\n`);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
  const key = readKeyFile(path, warn);
  if (key === null) throw new SatwayError('VAULT_KEY_MISSING', { detail: `${path} is gone again.` });
  return key;
}
