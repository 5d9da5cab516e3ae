import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { SECRET_VARIABLES, WALLET_VARIABLES } from '@satway/wallets/environment';
import type { FileFacts } from './facts.js';

/** A path that may be there, and what it holds. */
export interface SecretPath {
  readonly path: string;
  readonly what: string;
  /** Whether nobody else may read it. Of anything else it only matters who may change it. */
  readonly isSecret: boolean;
}

/** How the paths that are there lie on the disk; those that are not are left out. */
export function statSecrets(paths: readonly SecretPath[]): FileFacts[] {
  const { getuid } = process;
  if (getuid === undefined) throw new SatwayError('INTERNAL', { detail: 'This system has no rights of this kind.' });
  const userId = getuid.call(process);
  return onceEach(paths).flatMap((each) => {
    const stats = statOf(each.path);
    return stats === undefined ? [] : [{ ...each, ...rightsOf(stats, userId) }];
  });
}

/** What holds a secret in one of its parts is a secret. */
function onceEach(paths: readonly SecretPath[]): SecretPath[] {
  const seen = new Map<string, SecretPath>();
  for (const each of paths) {
    const other = seen.get(resolve(each.path));
    if (other === undefined || (each.isSecret && !other.isSecret)) seen.set(resolve(each.path), each);
  }
  return [...seen.values()];
}

/** `null` where nobody can tell: that must not hide the other files. */
function statOf(path: string): Stats | null | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
}

function rightsOf(stats: Stats | null, userId: number): Omit<FileFacts, keyof SecretPath> {
  return {
    isFolder: stats?.isDirectory() ?? false,
    mode: stats === null ? null : stats.mode & 0o777,
    ownedByUs: stats?.uid === userId,
    ownedByRoot: stats?.uid === 0,
  };
}

/** The files that the wallet's variables name: by their `_FILE` variants, or by holding a path themselves. */
export function pathsInEnvironment(environment: NodeJS.ProcessEnv): SecretPath[] {
  const variables = Object.values(WALLET_VARIABLES).flat();
  return variables.flatMap((variable) =>
    [variable, `${variable}_FILE`].flatMap((name) => {
      const path = (environment[name] ?? '').trim();
      if (path === '' || path.length >= 4096 || !isFile(path)) return [];
      return [{ path, what: name, isSecret: SECRET_VARIABLES.includes(variable) }];
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
