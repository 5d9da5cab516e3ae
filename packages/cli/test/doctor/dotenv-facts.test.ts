import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatherDotenv } from '../../src/doctor/facts/dotenv-facts.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-dotenv-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text = 'x', mode = 0o600): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  return path;
}

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });

/** What is found in the working folder alone. */
const inFolder = () => gatherDotenv(folder, [folder]);

describe('a .env', () => {
  it('is told apart: outside of git, ignored, not ignored, and tracked although ignored', () => {
    write('.env');
    expect(inFolder()).toEqual([{ path: '.env', state: 'outsideGit' }]);
    git('init', '-q');
    expect(inFolder()).toEqual([{ path: '.env', state: 'notIgnored' }]);
    write('.gitignore', '.env\n');
    expect(inFolder()).toEqual([{ path: '.env', state: 'ignored' }]);
    git('add', '-f', '.env');
    expect(inFolder()).toEqual([{ path: '.env', state: 'notIgnored' }]);
  });

  it('is not taken for outside of git where git will not look at the repository', () => {
    write('.env');
    git('init', '-q');
    writeFileSync(join(folder, '.git', 'config'), '[broken');
    expect(inFolder()).toEqual([{ path: '.env', state: 'unknown' }]);
  });

  it('is found under its other names, and examples of one are left alone', () => {
    for (const name of ['.env.local', '.env.production', '.env.example', '.env.local.sample', '.environment', 'env'])
      write(name);
    expect(inFolder().map(({ path }) => path)).toEqual(['.env.local', '.env.production']);
  });

  it('is found beside the configuration too, once each, and named from the working folder', () => {
    git('init', '-q');
    write('.gitignore', 'work/.env\n');
    write('work/.env');
    write('cfg/.env');
    const work = join(folder, 'work');
    expect(gatherDotenv(work, [work, join(work, '../cfg'), join(work, '.')])).toEqual([
      { path: '.env', state: 'ignored' },
      { path: join('..', 'cfg', '.env'), state: 'notIgnored' },
    ]);
  });

  it('is told of the working folder also where the configuration’s folder is not there, or cannot be listed', () => {
    write('.env');
    write('file');
    expect(gatherDotenv(folder, [folder, join(folder, 'gone')])).toEqual([{ path: '.env', state: 'outsideGit' }]);
    expect(gatherDotenv(folder, [join(folder, 'file'), folder])).toEqual([
      { path: 'file', state: 'unlisted' },
      { path: '.env', state: 'outsideGit' },
    ]);
  });
});

describe('the git that is asked', () => {
  it('gets nothing of our environment but what it needs', () => {
    const told = join(folder, 'told');
    write('bin/git', `#!/bin/sh\nenv > '${told}'\n`);
    chmodSync(join(folder, 'bin', 'git'), 0o755);
    write('.env');
    vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`);
    for (const name of ['LND_MACAROON', 'NWC_URI', 'SHOP_WALLET_KEY', 'GIT_DIR']) vi.stubEnv(name, 'hunter2hunter2');
    expect(inFolder()).toEqual([{ path: '.env', state: 'ignored' }]);
    const names = readFileSync(told, 'utf8').match(/^\w+(?==)/gm);
    expect(names).toContain('PATH');
    // What the shell sets itself is none of ours.
    const shells = ['PWD', 'OLDPWD', 'SHLVL', '_'];
    const allowed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT', 'LC_ALL', ...shells];
    expect(names?.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('still heeds what its user ignores everywhere', () => {
    write('.env');
    git('init', '-q');
    write('home/.config/git/ignore', '.env\n');
    vi.stubEnv('HOME', join(folder, 'home'));
    vi.stubEnv('XDG_CONFIG_HOME', '');
    expect(inFolder()).toEqual([{ path: '.env', state: 'ignored' }]);
  });
});
