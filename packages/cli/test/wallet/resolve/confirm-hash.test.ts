import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirmHash } from '../../../src/wallet/resolve/confirm-hash.js';

const HASH = `deadbeef${'01'.repeat(28)}`;
const purchase = { paymentHashHex: HASH };

function terminal(typed: string | null, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  if (typed === null) input.end();
  else input.write(typed);
  return { input, output };
}

const typing = (typed: string | null, isTTY?: boolean) => {
  const person = terminal(typed, isTTY);
  return { person, confirmed: confirmHash({ purchase, as: 'failed', yes: undefined }, person) };
};
const refused = { code: 'CLI_USAGE' };

describe('confirming the end of a payment', () => {
  it.each(['deadbeef\n', ' DEADBEEF \n'])('takes its first eight digits as typed: %j', async (typed) => {
    const { person, confirmed } = typing(typed);
    await confirmed;
    expect(String(person.output.read())).toContain(`This ends ${HASH} as failed, for good.`);
  });

  it.each(['\n', 'yes\n', 'deadbee\n', 'deadbeef0\n', 'deadbee0\n', null])('refuses %j', async (typed) => {
    await expect(typing(typed).confirmed).rejects.toMatchObject(refused);
  });

  it('tells a script the option and the hash that it has to give', async () => {
    await expect(typing('deadbeef\n', false).confirmed).rejects.toMatchObject({
      ...refused,
      detail: expect.stringContaining(`--yes ${HASH}`),
    });
  });

  it('takes the whole hash behind --yes, and no part of it', async () => {
    await confirmHash({ purchase, as: 'failed', yes: HASH.toUpperCase() });
    for (const yes of ['deadbeef', '', `${HASH}00`])
      await expect(confirmHash({ purchase, as: 'failed', yes })).rejects.toMatchObject(refused);
  });
});
