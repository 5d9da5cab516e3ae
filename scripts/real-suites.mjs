// Counts what the suites on real software did, by suite: the first word of a file's name says to which one it belongs.

/** Suites with files of their own name; every other file is about the LND nodes themselves. */
const NAMED = ['lnbits', 'nwc'];
/** What a full run has to show; one of these that nobody saw pass is a failure. */
export const EXPECTED_SUITES = ['lnd', ...NAMED];

export function suiteOf(file) {
  const first = /([a-z0-9]+)[^/\\]*$/i.exec(file)?.[1] ?? '';
  return NAMED.find((name) => name === first) ?? 'lnd';
}

/** Of one file; one that could not start counts as a failure, and a skipped test is one that nobody saw pass. */
function countsOf({ status, assertionResults }) {
  const passed = assertionResults.filter((each) => each.status === 'passed').length;
  const failed = assertionResults.length - passed;
  return { passed, failed: status === 'failed' && failed === 0 ? 1 : failed };
}

/** @returns {Record<string, {passed: number, failed: number}>} one entry for each suite that ran or was expected to. */
export function countSuites(report, expected) {
  const suites = Object.fromEntries(expected.map((name) => [name, { passed: 0, failed: 0 }]));
  for (const file of report?.testResults ?? []) {
    const suite = (suites[suiteOf(file.name)] ??= { passed: 0, failed: 0 });
    const { passed, failed } = countsOf(file);
    suite.passed += passed;
    suite.failed += failed;
  }
  for (const suite of Object.values(suites)) if (suite.passed + suite.failed === 0) suite.failed = 1;
  return suites;
}

export function total(suites) {
  const all = Object.values(suites);
  const sum = (name) => all.reduce((count, suite) => count + suite[name], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}
