import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { DotenvFacts } from './facts.js';

/** Files with the values; examples of them are meant to be published. */
const DOTENV = /^\.env(?!.*(example|sample|template|dist)$)(\..+)?$/;

/**
 * Every `.env` in these folders, and whether git leaves it out. A file that is tracked already counts as not ignored. A folder that is not there has none.
 *
 * @param workingFolder - from which the files are named.
 */
export function gatherDotenv(workingFolder: string, folders: readonly string[]): DotenvFacts[] {
  const there = [...new Set(folders.map((folder) => resolve(folder)))].filter((folder) => existsSync(folder));
  return there.flatMap((folder) => {
    const shown = (path: string): string => relative(workingFolder, path) || '.';
    const paths = listDotenv(folder);
    if (paths === null) return [{ path: shown(folder), state: 'unlisted' }];
    return paths.map((path) => ({ path: shown(path), state: askGit(path) }));
  });
}

/** `null` where the folder cannot be listed: that must not hide what lies in the others. */
function listDotenv(folder: string): string[] | null {
  try {
    return readdirSync(folder)
      .filter((name) => DOTENV.test(name))
      .map((name) => join(folder, name));
  } catch {
    return null;
  }
}

function askGit(path: string): DotenvFacts['state'] {
  const { status, stderr, error } = spawnSync('git', ['check-ignore', '-q', '--', basename(path)], {
    cwd: dirname(path),
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...whatGitNeeds(), LC_ALL: 'C' },
  });
  if (error !== undefined) return 'noGit';
  if (status === 0) return 'ignored';
  if (status === 1) return 'notIgnored';
  // It also fails in a repository that it will not look at, as in one of another user.
  return stderr.includes('not a git repository') ? 'outsideGit' : 'unknown';
}

/** To be found, and to find what its user ignores everywhere. The rest of our environment may hold secrets, or point it to another repository. */
const GIT_VARIABLES = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT'];

function whatGitNeeds(): NodeJS.ProcessEnv {
  return Object.fromEntries(GIT_VARIABLES.map((name) => [name, process.env[name]]));
}
