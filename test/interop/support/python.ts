import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The packages and versions with which our bytes are tried. */
const PACKAGES = ['l402-requests==0.9.0', 'httpx==0.28.1'] as const;

/**
 * A Python that has `l402-requests`, installed on first use into a cache folder outside the checkout; `python3` itself by apt where it
 * is missing and this user may.
 *
 * Rejects where neither can be had: then nothing is known about that client, and nobody shall think otherwise.
 */
export async function openPython(): Promise<string> {
  const version = createHash('sha256').update(PACKAGES.join(' ')).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), 'interop', `python-${version}`);
  const python = join(folder, 'bin', 'python');
  if (!(await isThere(python))) await install(folder);
  return python;
}

function cacheFolder(): string {
  const { SATWAY_CACHE, XDG_CACHE_HOME } = process.env;
  return SATWAY_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'satway');
}

/** Installed aside and moved into place whole, so that an installation that was cut off is never taken for a good one. */
async function install(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  try {
    await makeEnvironment(aside);
    await run(join(aside, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--quiet',
      ...PACKAGES,
    ]);
    await rename(aside, folder).catch((error: unknown) => keepOther(folder, error));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function makeEnvironment(folder: string): Promise<void> {
  const make = async () => run('python3', ['-m', 'venv', folder]);
  await make().catch(async (error: unknown) => {
    if (process.getuid?.() !== 0 || !(await isThere('/usr/bin/apt-get'))) throw error;
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-venv'], { env });
    // What a first attempt left behind has no pip.
    await rm(folder, { recursive: true, force: true });
    await make();
  });
}

/** Another process may have been quicker; then its installation is as good. */
async function keepOther(folder: string, error: unknown): Promise<void> {
  if (!(await isThere(join(folder, 'bin', 'python')))) throw error;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Runs a script. @returns what it printed, as JSON. */
export async function runPython(python: string, script: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(python, [script, ...args], { timeout: 60_000 });
  return JSON.parse(stdout);
}
