// Makes a checkout ready to run: installs what the lock file names (unless that was done already) and builds.
// Speaks on stderr only, so that whatever runs next has stdout to itself.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = `${root}node_modules/.satway-lock-digest`;
const lockDigest = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

function run(what, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${what} failed: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Satway needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const installed = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockDigest;
if (!installed) {
  console.error('Installing dependencies …');
  run('npm ci', 'npm', ['ci', '--loglevel=error']);
  writeFileSync(stampFile, lockDigest);
}
run('The build', process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b']);
