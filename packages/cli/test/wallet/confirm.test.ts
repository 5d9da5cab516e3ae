import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../src/wallet/confirm.js';

const terminal = (isTTY: boolean) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  return { input, output };
};

describe('asking at a terminal', () => {
  it.each(['y\n', 'Y\n', 'yes\n', ' YES \n'])('takes %j for a yes', async (answer) => {
    const person = terminal(true);
    person.input.write(answer);
    expect(await confirm('Pay 5 sats?', person)).toBe(true);
    expect(String(person.output.read())).toContain('Pay 5 sats? [y/N]');
  });

  it.each(['\n', 'n\n', 'no\n', 'yep\n', 'y n\n', 'yes please\n'])('takes %j for a no', async (answer) => {
    const person = terminal(true);
    person.input.write(answer);
    expect(await confirm('Pay 5 sats?', person)).toBe(false);
  });

  it('takes the end of the input for a no', async () => {
    const person = terminal(true);
    person.input.end();
    expect(await confirm('Pay 5 sats?', person)).toBe(false);
  });

  it('refuses where nobody sits at either end', async () => {
    for (const half of [{ input: terminal(false).input }, { output: terminal(false).output }]) {
      await expect(confirm('Pay?', { ...terminal(true), ...half })).rejects.toMatchObject({ code: 'CLI_USAGE' });
    }
  });
});
