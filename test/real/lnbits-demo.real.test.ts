import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway } from '../../packages/cli/test/run-satway.js';
import { becomeOperator, type LnbitsInstance, type LnbitsWallet, startLnbits } from './lnbits/index.js';

let instance: LnbitsInstance;
let seller: LnbitsWallet;
let buyer: LnbitsWallet;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-lnbits-demo-'));
  instance = await startLnbits({ LNBITS_BACKEND_WALLET_CLASS: 'FakeWallet', LNBITS_RATE_LIMIT_NO: '100000' });
  const operator = await becomeOperator(instance);
  [seller, buyer] = [await instance.newWallet(), await instance.newWallet()];
  await operator.credit(buyer, 1000);
});
afterAll(async () => {
  await instance?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function walletFile(name: string, key: string): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ kind: 'lnbits', url: instance.url, key }), { mode: 0o600 });
  return file;
}

describe('the demo on a real LNbits', () => {
  it('asks before it spends what LNbits calls mainnet money, then moves the price from wallet to wallet', async () => {
    const sells = ['--seller-wallet-file', walletFile('seller', seller.invoiceKey)];
    const buys = ['--buyer-wallet-file', walletFile('buyer', buyer.adminKey)];
    const files = [...sells, ...buys];
    const run = (...args: string[]) =>
      runSatway(['demo', '--json', '--wallet', 'lnbits', ...files, ...args], { SATWAY_HOME: join(folder, 'home') });
    const unasked = await run();
    expect({ code: unasked.code, stdout: unasked.stdout }).toEqual({ code: 2, stdout: '' });
    expect(await instance.balanceMsat(buyer)).toBe(1_000_000);
    const { code, stdout } = await run('--yes');
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'done', status: 200, paidMsat: 5000 });
    expect(await instance.balanceMsat(seller)).toBe(5000);
    expect(await instance.balanceMsat(buyer)).toBe(995_000);
  });
});

describe('the doctor on a real LNbits', () => {
  async function examine(role: string, key: string) {
    const file = walletFile(`${role}-examined`, key);
    const { code, stdout } = await runSatway(['doctor', '--json', '--role', role, '--wallet-file', file], {
      SATWAY_HOME: join(folder, 'doctor-home'),
    });
    expect(stdout).not.toContain(key);
    const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string }[];
    return { code, verdict: (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict };
  }

  it('finds the invoice key right for selling and useless for buying, and the admin key the other way round', async () => {
    const selling = await examine('receive', seller.invoiceKey);
    expect([selling.verdict('wallet-reachable'), selling.verdict('credential-scope'), selling.code]).toEqual([
      'ok',
      'ok',
      0,
    ]);
    const exposed = await examine('receive', seller.adminKey);
    expect([exposed.verdict('credential-scope'), exposed.code]).toEqual(['fail', 1]);
    const buying = await examine('pay', buyer.adminKey);
    const ids = ['credential-scope', 'payment-look-up', 'clock', 'custody'];
    expect([...ids.map(buying.verdict), buying.code]).toEqual(['ok', 'ok', 'ok', 'ok', 0]);
    const useless = await examine('pay', buyer.invoiceKey);
    expect([useless.verdict('credential-scope'), useless.code]).toEqual(['fail', 1]);
  });
});
