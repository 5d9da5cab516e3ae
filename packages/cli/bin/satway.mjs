#!/usr/bin/env node
// Committed, so that the command exists before the first build; in a checkout that was not built yet it builds first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/index.js', import.meta.url);
const prepare = fileURLToPath(new URL('../../../scripts/prepare-workspace.mjs', import.meta.url));

if (!existsSync(built) && existsSync(prepare)) {
  const { status } = spawnSync(process.execPath, [prepare], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

const { runSatway } = await import(built.href);
process.exitCode = await runSatway(process.argv.slice(2));
