// Runs the suites on real Lightning nodes: builds the nodes when they are not built yet, then runs vitest.
// Ends with one plain line, `N passed, M failed`, or with `--json` {"suites":{"lnd":{"passed":N,"failed":M}}}.
// Exit code 1 when a test failed, when a suite did not start, or when nothing ran. Other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const asJson = process.argv.includes('--json');
const vitestArguments = process.argv.slice(2).filter((argument) => argument !== '--json');

/** Test counts; a suite that could not start counts as one failure, and a skipped test is one that nobody saw pass. */
function readCounts(reportFile) {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    const brokenSuites = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
    ).length;
    return { passed: report.numPassedTests, failed: report.numTotalTests - report.numPassedTests + brokenSuites };
  } catch {
    return { passed: 0, failed: 1 };
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
  const counts = readCounts(reportFile);
  rmSync(folder, { recursive: true, force: true });
  // An error outside of every test fails the run without failing a test.
  if (status !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  return counts;
}

function finish({ passed, failed }) {
  console.log(asJson ? JSON.stringify({ suites: { lnd: { passed, failed } } }) : `${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

const nodes = spawnSync(join(root, 'scripts/build-lightning-nodes.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
finish(nodes.status === 0 ? runTests() : { passed: 0, failed: 1 });
