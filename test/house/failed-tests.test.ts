import { describe, expect, it } from 'vitest';
import { failedTests } from '../../scripts/failed-tests.mjs';

const test = (fullName: string, status: string, ...failureMessages: string[]) => ({
  fullName,
  status,
  failureMessages,
});

describe('the list of what failed', () => {
  it('names the file, the test and the first lines of the message', () => {
    const testResults = [
      {
        name: '/root/packages/base/test/a.test.ts',
        status: 'failed',
        assertionResults: [
          test('counts', 'passed'),
          test('adds up', 'failed', 'expected 1\nto be 2\nin all\n  at line 7'),
        ],
      },
    ];
    expect(failedTests({ testResults }, '/root/')).toEqual([
      '✗ packages/base/test/a.test.ts › adds up: expected 1 to be 2 in all',
    ]);
  });

  it('names a file that could not be read, and a test that was skipped', () => {
    const testResults = [
      { name: '/root/a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      { name: '/root/b.test.ts', status: 'passed', assertionResults: [test('rests', 'skipped')] },
    ];
    expect(failedTests({ testResults }, '/root/')).toEqual([
      '✗ a.test.ts: no such module',
      '✗ b.test.ts › rests: skipped',
    ]);
  });

  it('is empty when all passed, and when there is no report', () => {
    const testResults = [{ name: '/root/a.test.ts', status: 'passed', assertionResults: [test('adds up', 'passed')] }];
    expect(failedTests({ testResults }, '/root/')).toEqual([]);
    expect(failedTests(null, '/root/')).toEqual([]);
  });
});
