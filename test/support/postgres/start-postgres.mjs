import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPostgresBinaries } from './find-binaries.mjs';

const START_LIMIT_MS = 60_000;
/**
 * Runs the server until standard input ends: that is at `stop`, and also when the test process dies in any way. Then nothing is left,
 * neither the server nor its folder.
 */
const KEEPER =
  '"$0" -D "$1/data" >>"$1/log" 2>&1 & cat >/dev/null; kill -INT "$(head -n 1 "$1/data/postmaster.pid")"; wait; rm -rf "$1"';
const RESTARTER = '"$0" -D "$1/data" >>"$1/log" 2>&1';

/**
 * Starts a real PostgreSQL with a folder, a port and a password of its own, `fsync` on.
 *
 * @param {{ findBinaries?: (copyTo: string) => string }} [options]
 * @returns {Promise<import('./start-postgres.d.mts').TestPostgres>}
 */
export async function startTestPostgres({ findBinaries = findPostgresBinaries } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'satway-postgres-'));
  chmodSync(folder, 0o755);
  try {
    return await startIn(folder, findBinaries(folder));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder, binaries) {
  const owner = serverUser();
  const password = randomBytes(16).toString('hex');
  await initialise(folder, binaries, owner, password);
  const port = await freePort();
  writeFileSync(join(folder, 'data', 'postgresql.auto.conf'), settings(port));
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const run = (script, stdin) =>
    spawn('/bin/sh', ['-c', script, join(binaries, 'postgres'), folder], {
      ...owner,
      cwd: '/',
      stdio: [stdin, 'ignore', 'ignore'],
    });
  const keeper = run(KEEPER, 'pipe');
  const gone = new Promise((resolve) => keeper.once('exit', resolve));
  const stop = async () => {
    keeper.stdin.end();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  await waitUntilReady(url, folder, stop);
  return {
    url,
    stop,
    kill: (signal = 'SIGKILL') => process.kill(serverPid(folder), signal),
    restart: () => restart(() => run(RESTARTER, 'ignore'), url, folder, stop),
  };
}

async function initialise(folder, binaries, owner, password) {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  for (const path of [folder, passwordFile, join(folder, 'data')]) {
    if (owner.uid !== undefined) chownSync(path, owner.uid, owner.gid);
  }
  const flags = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'];
  await promisify(execFile)(join(binaries, 'initdb'), ['-D', join(folder, 'data'), ...flags], { ...owner, cwd: '/' });
}

function settings(port) {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    'fsync = on',
    'synchronous_commit = on',
    'max_connections = 200',
    "timezone = 'UTC'",
    '',
  ].join('\n');
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, or as `nobody` where there is no such user. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody.');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function serverPid(folder) {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** After a kill the old server's children may hold its memory for a moment, and a start fails: then it is started again. */
async function restart(start, url, folder, stop) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const server = start();
    const ended = new Promise((resolve) => server.once('exit', () => resolve(false)));
    if (await Promise.race([ended, waitUntilReady(url, folder, stop).then(() => true)])) return;
    if (Date.now() > deadline) throw new Error(`PostgreSQL did not start again:\n${logOf(folder)}`);
  }
}

async function waitUntilReady(url, folder, stop) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await tryConnection(url);
    } catch (cause) {
      if (Date.now() > deadline) {
        const log = logOf(folder);
        await stop();
        throw new Error(`PostgreSQL did not start:\n${log}`, { cause });
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
}

async function tryConnection(connectionString) {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}

function logOf(folder) {
  try {
    return readFileSync(join(folder, 'log'), 'utf8');
  } catch {
    return '(no log)';
  }
}
