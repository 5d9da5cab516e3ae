// Runs the suites on real software: builds the Lightning nodes and installs LNbits where that was not done yet, then runs vitest.
// Names what failed once more (`✗ file › test: message`) and ends with one plain line, `N passed, M failed`, or with `--json` {"suites":{"lnd":{"passed":N,"failed":M},"lnbits":…,"nwc":…}}.
// Exit code 1 when a test failed, or when a suite did not run or has nothing that passed. Other arguments go to vitest; with them only what they
// choose has to run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failedTests } from './failed-tests.mjs';
import { countSuites, EXPECTED_SUITES, total } from './real-suites.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const asJson = process.argv.includes('--json');
const vitestArguments = process.argv.slice(2).filter((argument) => argument !== '--json');
const expected = vitestArguments.length === 0 ? EXPECTED_SUITES : [];

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'satway-real-tests-'));
  const reportFile = join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config=vitest.real.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...vitestArguments,
    ],
    // With --json stdout belongs to the last line.
    { cwd: root, stdio: ['ignore', asJson ? 2 : 'inherit', 'inherit'] },
  );
  const report = readReport(reportFile);
  rmSync(folder, { recursive: true, force: true });
  for (const line of failedTests(report, root)) (asJson ? console.error : console.log)(line);
  return { suites: countSuites(report, expected), status };
}

function finish({ suites, status }) {
  const { passed, failed } = total(suites);
  // An error outside of every test fails the run without failing a test.
  const failures = failed === 0 && (status !== 0 || passed === 0) ? 1 : failed;
  console.log(asJson ? JSON.stringify({ suites }) : `${passed} passed, ${failures} failed`);
  process.exit(failures === 0 ? 0 : 1);
}

/** Each is instant when it was made before, and says on stderr what it does. */
function prepare(script) {
  return spawnSync(join(root, 'scripts', script), { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

const isReady = prepare('build-lightning-nodes.sh');
// Without LNbits its suites fail, and the others still show what they can.
prepare('install-lnbits.sh');
finish(isReady ? runTests() : { suites: countSuites(null, EXPECTED_SUITES), status: 1 });
