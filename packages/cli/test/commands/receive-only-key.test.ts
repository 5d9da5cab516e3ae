import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ADMIN_KEY,
  INVOICE_KEY,
  type LnbitsServer,
  startLnbitsServer,
} from '../../../wallets/test/lnbits/lnbits-server.js';
import { jsonLines, runSatway } from '../run-satway.js';
import { readTold } from '../wallet-sandbox.js';

let server: LnbitsServer;
let home = '';
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  server = await startLnbitsServer();
});
afterEach(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const run = async (args: readonly string[], keys: Record<string, string> = { LNBITS_INVOICE_KEY: INVOICE_KEY }) =>
  readTold(
    await runSatway(args, { SATWAY_HOME: home, LND_REST_HOST: '', LND_MACAROON: '', LNBITS_URL: server.url, ...keys }),
  );

describe('with nothing but the invoice key of an LNbits', { timeout: 60_000 }, () => {
  it('wallet test runs what a wallet that receives can show, and says why the rest did not run', async () => {
    const { events, stderr } = await run(['wallet', 'test', '--json']);
    expect(stderr).toBe('');
    const ofSide = (side: string) => events.filter((event) => event['side'] === side);
    expect(ofSide('receive').filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(0);
    expect(ofSide('pay').length).toBeGreaterThan(10);
    for (const { verdict, detail } of ofSide('pay')) {
      expect({ verdict, detail }).toEqual({ verdict: 'notRun', detail: 'This credential may not pay.' });
    }
  });

  it('wallet balance says what the key may read, and that it may spend nothing', async () => {
    const { code, events, stderr } = await run(['wallet', 'balance', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(events).toEqual([
      { kind: 'lnbits', network: null, spendableMsat: null, receivableMsat: null, balanceMsat: expect.any(Number) },
    ]);
    const { stdout } = await run(['wallet', 'balance']);
    expect(stdout).toMatch(/^The wallet holds [\d.]+ sats\. This credential may not spend it\.\n$/);
  });

  it('doctor looks at the receiving side, and names no key that is missing', async () => {
    const { stdout } = await run(['doctor', '--json']);
    expect(stdout).not.toContain('LNBITS_ADMIN_KEY');
    const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string; detail: string }[];
    const found = (wanted: string) => checks.find(({ id }) => id === wanted);
    expect(found('wallet-reachable')).toMatchObject({ verdict: 'ok' });
    expect(found('credential-scope')).toMatchObject({ verdict: 'ok', detail: expect.stringContaining('can receive') });
  });

  it('doctor still looks at the buying side where the admin key is there too', async () => {
    const { stdout } = await run(['doctor', '--json'], {
      LNBITS_INVOICE_KEY: INVOICE_KEY,
      LNBITS_ADMIN_KEY: ADMIN_KEY,
    });
    const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; detail: string }[];
    expect(checks.find(({ id }) => id === 'credential-scope')?.detail).toContain('pay');
  });
});
