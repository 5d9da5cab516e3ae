import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTwo, type Two } from '../../../wallets/test/phoenixd/two-daemons.js';
import { jsonLines, runSatway } from '../run-satway.js';

let daemons: Two;
let home = '';
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  daemons = await startTwo();
});
afterEach(async () => {
  await daemons.close();
  rmSync(home, { recursive: true, force: true });
});

interface CheckLine {
  readonly id: string;
  readonly verdict: string;
}

async function examine(role: string, url: string, password: string) {
  const { code, stdout } = await runSatway(['doctor', '--json', '--role', role], {
    SATWAY_HOME: home,
    LND_REST_HOST: '',
    LND_MACAROON: '',
    PHOENIXD_URL: url,
    PHOENIXD_PASSWORD: password,
  });
  const checks = jsonLines(stdout)[0]?.['checks'] as CheckLine[];
  expect(stdout).not.toContain(password);
  return { code, verdict: (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict };
}

describe('a wallet that is no LND', { timeout: 120_000 }, () => {
  it('sells and buys in the demo, its fee in the last line, with a word about the password that pays', async () => {
    const { seller, buyer } = daemons;
    const { code, stdout, stderr } = await runSatway(['demo', '--json', '--wallet', 'phoenixd'], {
      SATWAY_HOME: home,
      SELLER_PHOENIXD_URL: seller.url,
      SELLER_PHOENIXD_PASSWORD: seller.limitedPassword,
      BUYER_PHOENIXD_URL: buyer.url,
      BUYER_PHOENIXD_PASSWORD: buyer.fullPassword,
    });
    expect(code).toBe(0);
    expect(jsonLines(stderr)).toEqual([{ warning: expect.stringContaining('no password that only pays') }]);
    expect(jsonLines(stdout).at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 4020 });
    expect(seller.ledger.balanceMsat).toBe(5000);
    expect(stdout + stderr).not.toContain(buyer.fullPassword);
  });

  it('spends nothing on mainnet where nobody can be asked and nobody said --yes', async () => {
    const { seller, buyer } = daemons;
    buyer.chain = 'mainnet';
    const ended = await runSatway(['demo', '--json', '--wallet', 'phoenixd'], {
      SATWAY_HOME: home,
      SELLER_PHOENIXD_URL: seller.url,
      SELLER_PHOENIXD_PASSWORD: seller.limitedPassword,
      BUYER_PHOENIXD_URL: buyer.url,
      BUYER_PHOENIXD_PASSWORD: buyer.fullPassword,
    });
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 2, stdout: '' });
    expect(jsonLines(ended.stderr).at(-1)).toMatchObject({
      code: 'CLI_USAGE',
      message: expect.stringContaining('--yes'),
    });
    expect(buyer.ledger.balanceMsat).toBe(1_000_000);
  });

  it('is examined by the doctor: the limited password receives, the full one is refused to the selling side', async () => {
    const { seller, buyer } = daemons;
    const limited = await examine('receive', seller.url, seller.limitedPassword);
    expect([limited.verdict('credential-scope'), limited.verdict('wallet-reachable'), limited.code]).toEqual([
      'ok',
      'ok',
      0,
    ]);
    const full = await examine('receive', seller.url, seller.fullPassword);
    expect([full.verdict('credential-scope'), full.code]).toEqual(['fail', 1]);
    const buying = await examine('pay', buyer.url, buyer.fullPassword);
    expect([buying.verdict('credential-scope'), buying.verdict('payment-look-up'), buying.code]).toEqual([
      'warn',
      'ok',
      0,
    ]);
    const cannotPay = await examine('pay', buyer.url, buyer.limitedPassword);
    expect([cannotPay.verdict('credential-scope'), cannotPay.code]).toEqual(['fail', 1]);
  });
});
