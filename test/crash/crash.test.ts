import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./crash.mjs', import.meta.url));
const SMALL = ['--seed', '7', '--store', 'pglite', '--json'];

function runCrash(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

describe('buying while buyer and gateway are killed for real', () => {
  it('loses nothing, pays nothing twice, and leaves nothing unresolved', () => {
    const { status, lastLine, stderr } = runCrash('--purchases', '8', ...SMALL);
    expect(lastLine, stderr).toMatch(/^\{"purchases":8,"kills":[1-9]\d*,"lost":0,"paidTwice":0,"unresolved":0\}$/);
    expect(status).toBe(0);
  }, 600_000);

  it('tells how it is used', () => {
    const { status, stdout } = runCrash('--help');
    expect(status).toBe(0);
    for (const option of ['--processes N', '--budget-sats N', '--per-minute-sats N', '--clock-speed N']) {
      expect(stdout).toContain(option);
    }
  });

  it.each([['--bogus'], ['--purchases', '0'], ['--purchases', 'many']])(
    'says in a line what it does not understand of %s',
    (...args) => {
      const { status, stdout, stderr } = runCrash(...args);
      expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 });
    },
  );
});

describe('several buyers with one budget, killed for real', () => {
  it('never spend more than it, fees included, and come to its edge', () => {
    const { status, lastLine, stderr } = runCrash(
      '--processes',
      '3',
      '--purchases',
      '36',
      '--budget-sats',
      '40',
      ...SMALL,
    );
    expect(lastLine, stderr).toMatch(
      /^\{"purchases":36,"kills":[1-9]\d*,"lost":0,"paidTwice":0,"unresolved":0,"spentMsat":\d+,"budgetMsat":40000,"overspent":0\}$/,
    );
    const { spentMsat } = JSON.parse(lastLine) as { spentMsat: number };
    // What is left is less than the dearest thing and its fee.
    expect(spentMsat).toBeGreaterThan(36_000);
    expect(status).toBe(0);
  }, 600_000);

  it('spend in no minute and with no host more than they may', () => {
    // Nine calls at a time ask for more than a minute's share, however slow the machine is.
    const limits = ['--budget-sats', '1000', '--per-minute-sats', '15', '--per-host-sats', '45', '--clock-speed', '30'];
    const { status, stdout, lastLine, stderr } = runCrash('--processes', '3', '--purchases', '30', ...limits, ...SMALL);
    expect(lastLine, stderr).toMatch(
      /"lost":0,"paidTwice":0,"unresolved":0,"spentMsat":\d+,"budgetMsat":1000000,"overspent":0\}$/,
    );
    for (const limit of ['perMinute', 'perHostAndDay']) expect(stdout).toContain(`The limit ${limit}.`);
    expect(status).toBe(0);
  }, 600_000);
});
