import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SatwayError } from '@satway/base';

/** The file of purchases in its folder. */
const STORE_NAME = 'purchases.db';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the buying side keeps what is its own: `SATWAY_HOME`, else, also where that is empty, `~/.satway`. It may not be there yet. */
export function satwayHome(environment: Environment = process.env): string {
  const asked = (environment['SATWAY_HOME'] ?? '').trim();
  return asked === '' ? join(homedir(), '.satway') : withHome(asked);
}

/**
 * The file of purchases: `CREDENTIAL_STORE`, a file or a folder that is there, else `purchases.db` in `satwayHome`. It may not be there yet.
 *
 * `CREDENTIAL_STORE` must lie inside the home directory or `SATWAY_HOME`, links and `..` followed, so that a setting that somebody slipped in does not move what
 * was paid for to a place that others read. The answer is the path that was judged.
 *
 * @throws {SatwayError} `CREDENTIAL_STORE_REFUSED`. Funds moved: no.
 */
export function purchaseStorePathIn(environment: Environment = process.env): string {
  const asked = (environment['CREDENTIAL_STORE'] ?? '').trim();
  if (asked === '') return join(satwayHome(environment), STORE_NAME);
  const named = realPlaceOf(withHome(asked));
  const isFolder = statSync(named, { throwIfNoEntry: false })?.isDirectory() === true;
  const path = isFolder ? realPlaceOf(join(named, STORE_NAME)) : named;
  const roots = [homedir(), satwayHome(environment)].map(realPlaceOf);
  if (roots.some((root) => isInside(root, path))) return path;
  throw new SatwayError('CREDENTIAL_STORE_REFUSED', { detail: `It leads to ${path}.` });
}

/** Whether a folder is the one of `satwayHome`, in whatever way it is written. */
export function isSatwayHome(folder: string): boolean {
  const home = satwayHome();
  return resolve(folder) === resolve(home) || (existsSync(home) && realpathSync(folder) === realpathSync(home));
}

/** A configuration is not read by a shell. */
function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Follows every link of what is there; the rest of the way is as it is written. */
function realPlaceOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch (cause) {
    // A link that leads nowhere yet would lead somewhere once the file is made.
    const isDangling = lstatSync(absolute, { throwIfNoEntry: false }) !== undefined;
    const parent = dirname(absolute);
    if (isDangling || parent === absolute) {
      throw new SatwayError('CREDENTIAL_STORE_REFUSED', { detail: `${absolute} cannot be followed.`, cause });
    }
    return join(realPlaceOf(parent), absolute.slice(parent.length).replace(/^[\\/]+/, ''));
  }
}
