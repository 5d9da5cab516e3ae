import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway, startSatway } from '../run-satway.js';
import { BALANCE_MSAT, readTold, startWalletSandbox, type Told, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeEach(async () => {
  sandbox = await startWalletSandbox();
});
afterEach(() => sandbox.close());

const named = ({ events }: Told, verdict: string) =>
  events.filter((event) => event['verdict'] === verdict).map(({ name }) => name);
const balanceMsat = async (node: string) => (await sandbox.network.node(node).payer.balance()).spendableMsat;
const PAYS = 'pays, proves it with the preimage, and costs what it says';

describe('satway wallet test', () => {
  it('holds a wallet alone to what needs nobody else, spends nothing, and lists what did not run', async () => {
    const told = await sandbox.wallet('test');
    expect(told.code).toBe(0);
    expect(named(told, 'failed')).toEqual([]);
    expect(named(told, 'passed')).toContain('fails for a payee that nobody can reach');
    expect(named(told, 'notRun')).toContain(PAYS);
    const done = told.events.at(-1);
    expect(done).toMatchObject({ event: 'done', failed: 0, spentMsat: 0, limitMsat: 100_000 });
    expect(Number(done?.['passed']) + Number(done?.['notRun'])).toBe(told.events.length - 1);
    expect(await sandbox.spentMsat()).toBe(0);
  });

  it('lets two wallets pay each other within the limit, by the books of both', async () => {
    const mine = sandbox.walletFile('buyer', 'admin');
    const other = sandbox.walletFile('other', 'admin');
    const told = await sandbox.wallet('test', '--wallet-file', mine, '--counterpart-file', other, '--max-sats', '60');
    expect(named(told, 'failed')).toEqual([]);
    expect(named(told, 'passed')).toEqual(expect.arrayContaining([PAYS, 'never shows a preimage']));
    const done = told.events.at(-1);
    const costs = told.events.slice(0, -1).map(({ costMsat }) => Number(costMsat));
    expect(costs.reduce((sum, cost) => sum + cost)).toBe(done?.['spentMsat']);
    expect(done?.['spentMsat']).toBeGreaterThan(0);
    expect(done?.['spentMsat']).toBeLessThanOrEqual(60_000);
    expect((await balanceMsat('buyer')) + (await balanceMsat('other'))).toBe(2 * BALANCE_MSAT);
  });

  it('spends no more than a small limit, by the wallet’s own books', async () => {
    const counterpart = sandbox.walletFile('seller', 'invoice');
    const told = await sandbox.wallet('test', '--counterpart-file', counterpart, '--max-sats', '5');
    const spentMsat = await sandbox.spentMsat();
    expect(told.events.at(-1)).toMatchObject({ failed: 0, spentMsat, limitMsat: 5000 });
    expect(spentMsat).toBeGreaterThan(0);
    expect(spentMsat).toBeLessThanOrEqual(5000);
    expect(named(told, 'notRun').length).toBeGreaterThan(0);
  });

  it.each(['replyLost', 'wrongPreimage'] as const)(
    'finds a payment that does not end as it must (%s), and ends with 1',
    async (kind) => {
      sandbox.network.addFault('buyer', { kind });
      const counterpart = sandbox.walletFile('seller', 'invoice');
      const told = await sandbox.wallet('test', '--counterpart-file', counterpart, '--max-sats', '9');
      expect(told.code).toBe(1);
      expect(named(told, 'failed')).toHaveLength(1);
      expect(told.events.at(-1)).toMatchObject({ failed: 1, spentMsat: await sandbox.spentMsat() });
      expect(told.stdout).not.toMatch(/"[0-9a-f]{64}"/);
    },
  );

  it('ends the case under way at SIGINT, begins no other, and still tells what was spent', async () => {
    const child = startSatway(['wallet', 'test', '--json'], sandbox.environment('seller', 'admin'));
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout === '') child.kill('SIGINT');
      stdout += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    const told = readTold({ code, stdout, stderr: '' });
    expect(code).toBe(1);
    expect(told.events.at(-1)).toMatchObject({ event: 'done', failed: 0, spentMsat: 0 });
    expect(told.events.filter(({ detail }) => detail === 'The run was stopped.').length).toBeGreaterThan(10);
  });

  it('refuses a counterpart that is the same wallet', async () => {
    const { code, errors } = await sandbox.wallet('test', '--counterpart-file', sandbox.walletFile('buyer', 'pay'));
    expect({ code, error: errors[0]?.['code'] }).toEqual({ code: 2, error: 'CLI_USAGE' });
  });

  it('tells people what passed, and what did not run by its reason', async () => {
    const environment = sandbox.environment('seller', 'invoice');
    const { code, stdout } = await runSatway(['wallet', 'test'], { ...environment, NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^passed {2}receive {2}issues a signed invoice/);
    expect(stdout).toMatch(/\nnot run {2}This credential may not pay\.\n {9}pay {6}names itself and its network\n/);
    expect(stdout).toMatch(/\n\d+ passed, 0 failed, \d+ not run\. Spent 0 sats of 100 sats\.\n$/);
  });
});
