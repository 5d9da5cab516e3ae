// Holds `satway mcp` over HTTP to the conformance suite of the protocol's own project, for both eras. Ends with `N passed, M failed`.
// The suite's scenarios for fixtures (tools, resources and prompts with names that only its example server has) are listed in the baselines; whatever fails and is
// not listed, and whatever is listed and passes, fails this run. The suite itself needs a newer Node than we do.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBearer } from './bearer.mjs';
import { startServer } from './server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const REVISIONS = ['2025-11-25', '2026-07-28'];
/** Scenarios that are listed for a few of their checks only: which those are. All others must pass. */
const PARTLY = new Map([
  [
    'server-stateless',
    [
      'sep-2575-server-rejects-undeclared-capability',
      'sep-2575-missing-capability-http-400',
      'sep-2575-http-server-no-independent-requests-on-stream',
      'sep-2575-server-no-log-without-loglevel',
    ],
  ],
  ['caching', ['sep-2549-prompts-list-caching-hints']],
]);
const suite = join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

async function runRevision(node, url, revision) {
  const baseline = fileURLToPath(new URL(`./baseline-${revision}.yml`, import.meta.url));
  const results = mkdtempSync(join(tmpdir(), 'satway-conformance-'));
  console.log(`\n== ${revision}`);
  const args = ['server', '--url', url, '--requirements', revision, '--expected-failures', baseline, '-o', results];
  const child = spawn(node, [suite, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  const broken = brokenChecks(results);
  rmSync(results, { recursive: true, force: true });
  for (const check of broken) console.log(`  ✗ ${check} is not one of the checks that may fail`);
  return { passed: count(text), failed: broken.length + (status === 0 ? 0 : 1) };
}

/** The suite's summary has a line for each scenario: `✓ name: 3 passed, 0 failed`. */
function count(text) {
  return text.split('\n').filter((line) => /^✓ .*: [1-9]\d* passed, 0 failed/.test(line)).length;
}

/** What failed in a scenario that is listed for other checks. */
function brokenChecks(results) {
  return [...PARTLY].flatMap(([scenario, mayFail]) =>
    readdirSync(results)
      .filter((folder) => folder.startsWith(`server-${scenario}-20`))
      .flatMap((folder) => JSON.parse(readFileSync(join(results, folder, 'checks.json'), 'utf8')))
      .filter(({ id, status }) => status === 'FAILURE' && !mayFail.includes(id))
      .map(({ id }) => id),
  );
}

const node = execFileSync(join(root, 'scripts/node-24.sh'), {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
const server = await startServer();
const bearer = await startBearer(server);
let passed = 0;
let failed = 0;
try {
  for (const revision of REVISIONS) {
    const result = await runRevision(node, bearer.url, revision);
    passed += result.passed;
    failed += result.failed + (result.passed === 0 ? 1 : 0);
  }
} finally {
  await bearer.close();
  await server.close();
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
