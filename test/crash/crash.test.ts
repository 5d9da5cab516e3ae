import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./crash.mjs', import.meta.url));

function runCrash(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { status, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

describe('buying while buyer and gateway are killed for real', () => {
  it('loses nothing, pays nothing twice, and leaves nothing unresolved', () => {
    const { status, lastLine, stderr } = runCrash('--purchases', '8', '--seed', '7', '--store', 'pglite', '--json');
    expect(lastLine, stderr).toMatch(/^\{"purchases":8,"kills":[1-9]\d*,"lost":0,"paidTwice":0,"unresolved":0\}$/);
    expect(status).toBe(0);
  }, 300_000);

  it('says what it does not understand', () => {
    const { status, stderr } = runCrash('--purchases', 'many');
    expect(status).not.toBe(0);
    expect(stderr).toContain('--purchases wants a whole number');
  });
});
