import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ADMIN_KEY,
  INVOICE_KEY,
  invoiceOf,
  json,
  type LnbitsServer,
  paidRow,
  rowOf,
  startLnbitsServer,
} from '../../../wallets/test/lnbits/lnbits-server.js';
import { runSatway } from '../run-satway.js';
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

async function run(...args: readonly string[]) {
  const lnbits = { LNBITS_URL: server.url, LNBITS_ADMIN_KEY: ADMIN_KEY };
  const seller = { SELLER_LNBITS_URL: server.url, SELLER_LNBITS_INVOICE_KEY: INVOICE_KEY };
  const none = { LND_REST_HOST: '', LND_MACAROON: '' };
  const told = readTold(await runSatway([...args, '--json'], { SATWAY_HOME: home, ...none, ...lnbits, ...seller }));
  expect(told.stdout + told.stderr).not.toContain(ADMIN_KEY);
  return { ...told, warnings: told.errors.flatMap(({ warning }) => (warning === undefined ? [] : [warning])) };
}

const WARNING = expect.stringMatching(/^nothing bounds the admin key.*keep a wallet of its own/) as string;

describe('the admin key of an LNbits', { timeout: 60_000 }, () => {
  it('is warned of once by satway wallet pay, which pays all the same', async () => {
    const invoice = invoiceOf({ timestampSeconds: Math.floor(Date.now() / 1000) });
    const row = { bolt11: invoice, payment_request: invoice };
    Object.assign(server.routes, { post: () => json(201, rowOf(row)), row: () => paidRow(row) });
    const { code, events, warnings } = await run('wallet', 'pay', invoice, '--max-sats', '100', '--yes');
    expect(warnings).toEqual([WARNING]);
    expect({ code, last: events.at(-1) }).toMatchObject({ code: 0, last: { state: 'settled' } });
  });

  it('is warned of once by satway pay, before anybody is asked', async () => {
    const { errors, warnings } = await run('pay', 'http://127.0.0.1:1/');
    expect(warnings).toEqual([WARNING]);
    expect(errors[0]).toEqual({ warning: WARNING });
  });

  it('is warned of once by satway demo, before anything is spent', async () => {
    const invoice = invoiceOf({ network: 'bitcoin' });
    server.routes.list = () => json(200, [rowOf({ bolt11: invoice, payment_request: invoice })]);
    const { code, stdout, errors } = await run('demo', '--wallet', 'lnbits');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(errors).toEqual([
      { warning: WARNING },
      expect.objectContaining({ code: 'CLI_USAGE', message: expect.stringContaining('--yes') }),
    ]);
  });
});
