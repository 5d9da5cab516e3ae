import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const reaper = fileURLToPath(new URL('./network/reaper.mjs', import.meta.url));

/** Stands for a test process: starts a program, tells the reaper of it, says so and lives on. */
const PARENT = `
const { spawn } = require('node:child_process');
const [reaper, folder] = process.argv.slice(1);
const clearing = spawn(process.execPath, [reaper], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
const program = spawn('sleep', ['600'], { stdio: ['ignore', 'inherit', 'ignore'] });
clearing.stdin.write('folder ' + folder + '\\n+' + program.pid + '\\n', () => process.stderr.write('ready'));
setInterval(() => {}, 1000);
`;

it('nothing that the network started outlives a test process that is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'satway-clearing-'));
  writeFileSync(join(folder, 'wallet.db'), 'left behind');
  const parent = spawn(process.execPath, ['-e', PARENT, reaper, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(parent.stderr, 'data');

  parent.kill('SIGKILL');

  // The program holds the other end of this pipe for as long as it lives.
  parent.stdout.resume();
  await once(parent.stdout, 'end');
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
});
