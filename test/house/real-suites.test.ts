import { describe, expect, it } from 'vitest';
import { countSuites, EXPECTED_SUITES, suiteOf, total } from '../../scripts/real-suites.mjs';

const file = (name: string, status: string, ...results: string[]) => ({
  name: `/somewhere/test/real/${name}.real.test.ts`,
  status,
  assertionResults: results.map((each) => ({ status: each })),
});

describe('the count of the suites on real software', () => {
  it('tells by the first word of a file to which suite it belongs', () => {
    const names = ['lnbits', 'lnbits-faults', 'nwc-relay', 'lnd-faults', 'purchase', 'clearing-up'];
    expect(names.map((name) => suiteOf(file(name, 'passed').name))).toEqual([
      'lnbits',
      'lnbits',
      'nwc',
      'lnd',
      'lnd',
      'lnd',
    ]);
  });

  it('counts each suite, a skipped test and a file that did not start as failures', () => {
    const testResults = [
      file('lnd-faults', 'passed', 'passed', 'passed'),
      file('purchase', 'failed', 'passed', 'failed'),
      file('lnbits', 'failed'),
      file('nwc', 'passed', 'passed', 'skipped'),
    ];
    const suites = countSuites({ testResults }, EXPECTED_SUITES);
    expect(suites).toEqual({
      lnd: { passed: 3, failed: 1 },
      lnbits: { passed: 0, failed: 1 },
      nwc: { passed: 1, failed: 1 },
    });
    expect(total(suites)).toEqual({ passed: 4, failed: 3 });
  });

  it('counts a suite that did not run, or in which nothing was run, as a failure', () => {
    const testResults = [file('lnd-faults', 'passed', 'passed'), file('nwc', 'passed')];
    expect(countSuites({ testResults }, EXPECTED_SUITES)).toEqual({
      lnd: { passed: 1, failed: 0 },
      lnbits: { passed: 0, failed: 1 },
      nwc: { passed: 0, failed: 1 },
    });
    expect(countSuites(null, EXPECTED_SUITES)).toEqual({
      lnd: { passed: 0, failed: 1 },
      lnbits: { passed: 0, failed: 1 },
      nwc: { passed: 0, failed: 1 },
    });
  });

  it('asks of a chosen part only what was chosen', () => {
    expect(countSuites({ testResults: [file('nwc', 'passed', 'passed')] }, [])).toEqual({
      nwc: { passed: 1, failed: 0 },
    });
  });
});
