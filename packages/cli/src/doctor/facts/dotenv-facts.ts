import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { DotenvFacts } from './facts.js';

/** Files with the values; examples of them are meant to be published. */
const DOTENV = /^\.env(?!.*(example|sample|template|dist)$)(\..+)?$/;

/** Every `.env` in a folder, and whether git leaves it out. A file that is tracked already counts as not ignored. */
export function gatherDotenv(folder: string): DotenvFacts[] {
  return readdirSync(folder)
    .filter((name) => DOTENV.test(name))
    .map((name) => ({ name, state: askGit(folder, name) }));
}

function askGit(folder: string, name: string): DotenvFacts['state'] {
  const { status, stderr, error } = spawnSync('git', ['check-ignore', '-q', '--', name], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error !== undefined) return 'noGit';
  if (status === 0) return 'ignored';
  if (status === 1) return 'notIgnored';
  // It also fails in a repository that it will not look at, as in one of another user.
  return stderr.includes('not a git repository') ? 'outsideGit' : 'unknown';
}
