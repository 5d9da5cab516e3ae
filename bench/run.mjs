// The benchmarks, as ratios of one run: one core for the system under test, the other for load, upstream and database.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureChallenges } from './challenges.mjs';
import { measureClientOverhead } from './client-overhead.mjs';
import { measureOpenStreams } from './open-streams.mjs';
import { measurePassThrough } from './pass-through.mjs';
import { measureRedemptions } from './redemptions.mjs';
import { CORES } from './lib/processes.mjs';
import { printTable } from './lib/table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

// Whatever this process starts without a core of its own, the database too, shares the core of the load.
execFileSync('taskset', ['-a', '-cp', CORES.others, String(process.pid)], { stdio: 'ignore' });

/** How long and how often: `--quick` stays within a minute. */
const effort = options.quick
  ? { seconds: 1, rounds: 2, redemptionsPerSecond: 9_000, challengesPerSecond: 16_000, purchases: 400 }
  : { seconds: 4, rounds: 5, redemptionsPerSecond: 9_000, challengesPerSecond: 24_000, purchases: 1_000 };

const stages = {
  passThrough: measurePassThrough,
  redemptions: measureRedemptions,
  challenges: measureChallenges,
  clientOverhead: measureClientOverhead,
  openStreams: measureOpenStreams,
};

const results = { node: process.version, quick: options.quick };
for (const [name, measure] of Object.entries(stages)) {
  if (options.only !== undefined && options.only !== name) continue;
  console.error(`measuring ${name} …`);
  const measured = await measure(effort);
  if (name === 'passThrough') Object.assign(results, measured);
  else results[name] = measured;
}

const folder = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}latest.json`, `${JSON.stringify(results, null, 2)}\n`);
if (options.json) console.log(JSON.stringify(results));
else printTable(results);
process.exit(0);
