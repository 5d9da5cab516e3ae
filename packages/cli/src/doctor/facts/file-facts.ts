import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { SECRET_VARIABLES } from '@satway/wallets/environment';
import type { FileFacts } from './facts.js';
import { findPlainSecrets } from './plain-secrets.js';

/** A path that may be there, and what it holds. */
export interface SecretPath {
  readonly path: string;
  readonly what: string;
}

/** How the paths that are there lie on the disk; those that are not are left out. */
export function statSecrets(paths: readonly SecretPath[]): FileFacts[] {
  const { getuid } = process;
  if (getuid === undefined) throw new SatwayError('INTERNAL', { detail: 'This system has no rights of this kind.' });
  const userId = getuid.call(process);
  const seen = new Map(paths.map((each) => [resolve(each.path), each]));
  return [...seen.values()].flatMap((each) => {
    const stats = statSync(each.path, { throwIfNoEntry: false });
    return stats === undefined ? [] : [factsOf(each, stats, userId)];
  });
}

function factsOf({ path, what }: SecretPath, stats: Stats, userId: number): FileFacts {
  return {
    path,
    what,
    isFolder: stats.isDirectory(),
    mode: stats.mode & 0o777,
    ownedByUs: stats.uid === userId,
    ownedByRoot: stats.uid === 0,
  };
}

/** The files that the wallet's variables name: by their `_FILE` variants, or by holding a path themselves. */
export function pathsInEnvironment(environment: NodeJS.ProcessEnv): SecretPath[] {
  return SECRET_VARIABLES.flatMap((variable) =>
    [variable, `${variable}_FILE`].flatMap((name) => {
      const value = (environment[name] ?? '').trim();
      return value !== '' && value.length < 4096 && isFile(value) ? [{ path: value, what: name }] : [];
    }),
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const NAMED_FILE = /\b(macaroon|key|password|uri|url)File["']?\s*:\s*["']?([^"',}\s]+)/g;

/** The gateway's master keys, by which anybody can make credentials. */
const KEY_FILE = /^keys\s*:\s*["']?([^"',}\s]+)/m;

/** A configuration where it holds a secret itself, and the files with secrets that it names. */
export function pathsInConfig(path: string): SecretPath[] {
  const text = readFileSync(path, 'utf8');
  const folder = dirname(resolve(path));
  const named = [...text.matchAll(NAMED_FILE)].map(([, what = '', file = '']) => ({
    path: resolve(folder, file),
    what: `${what}File`,
  }));
  const keys = KEY_FILE.exec(text)?.[1];
  if (keys !== undefined) named.push({ path: resolve(folder, keys), what: 'keys' });
  const itself = findPlainSecrets(path, text).length > 0 ? [{ path, what: 'a secret stands in it' }] : [];
  return [...itself, ...named];
}
