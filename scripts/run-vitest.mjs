// Runs vitest, names what failed once more (`✗ file › test: message`), and ends with one plain line that counts tests: `N passed, M failed`.
// Arguments go to vitest. Exit code 1 when a test failed, when a file could not be read, or when nothing ran.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failedTests } from './failed-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'satway-tests-'));
const report = join(folder, 'report.json');
const reporter = process.env.CI === undefined ? 'default' : 'dot';

const { status } = spawnSync(
  process.execPath,
  [
    `${root}node_modules/vitest/vitest.mjs`,
    'run',
    `--reporter=${reporter}`,
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);

function readCounts() {
  try {
    const read = JSON.parse(readFileSync(report, 'utf8'));
    const { numPassedTests, numFailedTests, numPendingTests } = read;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, told: failedTests(read, root) };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, told: ['✗ vitest left no report'] };
  }
}

const counts = readCounts();
rmSync(folder, { recursive: true, force: true });
// A skipped test is one that nobody saw pass.
const failed = counts.failed + counts.skipped + (status !== 0 && counts.failed === 0 ? 1 : 0);
for (const line of counts.told) console.log(line);
if (failed > 0 && counts.told.length === 0)
  console.log(`✗ every test passed, and vitest ended with code ${status}: look for "Unhandled" further up`);
console.log(`${counts.passed} passed, ${failed} failed`);
process.exit(failed === 0 && counts.passed > 0 ? 0 : 1);
