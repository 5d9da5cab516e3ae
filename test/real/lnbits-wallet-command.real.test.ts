import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway } from '../../packages/cli/test/run-satway.js';
import { becomeOperator, type LnbitsInstance, type LnbitsWallet, startLnbits } from './lnbits/index.js';

let instance: LnbitsInstance;
let wallets: readonly [LnbitsWallet, LnbitsWallet];
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-lnbits-command-'));
  instance = await startLnbits({ LNBITS_BACKEND_WALLET_CLASS: 'FakeWallet', LNBITS_RATE_LIMIT_NO: '100000' });
  const operator = await becomeOperator(instance);
  wallets = [await instance.newWallet(), await instance.newWallet()];
  for (const wallet of wallets) await operator.credit(wallet, 1000);
});
afterAll(async () => {
  await instance?.stop();
  await rm(folder, { recursive: true, force: true });
});

function walletFile({ id, adminKey }: LnbitsWallet): string {
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify({ kind: 'lnbits', url: instance.url, key: adminKey }), { mode: 0o600 });
  return file;
}

const run = (...args: string[]) => runSatway(['wallet', ...args, '--json'], { SATWAY_HOME: folder });
const balancesMsat = () => Promise.all(wallets.map((wallet) => instance.balanceMsat(wallet)));

describe('satway wallet on a real LNbits', () => {
  it('says what an admin key may do', async () => {
    const { code, stdout } = await run('inspect', '--wallet-file', walletFile(wallets[0]));
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ kind: 'lnbits', can: { pay: true, createInvoice: true } }]);
  });

  it('spends nothing on mainnet where nobody says yes', async () => {
    const before = await balancesMsat();
    const files = ['--wallet-file', walletFile(wallets[0]), '--counterpart-file', walletFile(wallets[1])];
    const { code, stderr } = await run('test', ...files);
    expect({ code, error: jsonLines(stderr)[0] }).toMatchObject({ code: 2, error: { code: 'CLI_USAGE' } });
    expect(await balancesMsat()).toEqual(before);
  });

  it('keeps every promise that two wallets of one instance can show, within the limit and by its own books', async () => {
    const before = await balancesMsat();
    const files = ['--wallet-file', walletFile(wallets[0]), '--counterpart-file', walletFile(wallets[1])];
    const { stdout } = await run('test', ...files, '--max-sats', '100', '--yes');
    const events = jsonLines(stdout);
    expect(events.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(events.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(25);
    const after = await balancesMsat();
    const costs = (side: string) =>
      events.filter((event) => event['side'] === side).reduce((sum, { costMsat }) => sum + Number(costMsat), 0);
    // The first pays in the cases of paying, the second in those of being paid.
    expect((before[0] ?? 0) - (after[0] ?? 0)).toBe(costs('pay') - costs('receive'));
    expect((after[1] ?? 0) - (before[1] ?? 0)).toBe(costs('pay') - costs('receive'));
    expect(events.at(-1)).toMatchObject({ event: 'done', failed: 0, spentMsat: costs('pay') + costs('receive') });
    expect(costs('pay') + costs('receive')).toBeLessThanOrEqual(100_000);
  });
});
