import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway, startSatway } from '../run-satway.js';
import { startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-receipts-'));
  sandbox = await startWalletSandbox();
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const receipts = (...args: string[]) => runSatway(['receipts', ...args], { SATWAY_HOME: sandbox.home });
const verdict = async (file: string, ...args: string[]) => {
  const { code, stdout } = await receipts('verify', file, '--json', ...args);
  return { code, told: stdout === '' ? null : (JSON.parse(stdout) as Record<string, unknown>) };
};

/** Pays an invoice and writes it down as a purchase. @returns the preimage. */
async function buy(amountMsat: number): Promise<string> {
  const { invoice, paymentHashHex } = await sandbox.invoice(amountMsat);
  const { payer, pubkeyHex } = sandbox.network.node('buyer');
  const paid = await payer.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat: 1000, timeoutMs: 60_000 });
  if (paid.state !== 'settled') throw new Error(paid.state);
  const store = openPurchaseStore({ path: join(sandbox.home, 'purchases.db') });
  store.budgets.registerCap('default', 1_000_000);
  const thing = {
    walletId: pubkeyHex,
    method: 'GET',
    url: 'https://api.example/v1/item?key=hush',
    bodySha256Hex: '00'.repeat(32),
  };
  const target = { origin: 'https://api.example', targetMethod: 'GET', targetUrl: thing.url, scope: 'item' };
  const names = { budgetId: 'default', idempotencyKey: paymentHashHex, keyGiven: false };
  const token = { macaroonText: 'hush-macaroon', usesTotal: 1, credentialExpiresAtMs: null };
  const offer = { paymentHashHex, invoice, amountMsat, invoiceExpiresAtMs: Date.now() + 600_000 };
  const limits = { feeCeilingMsat: 1000, maxTotalMsat: 100_000 };
  const begun = store.journal.begin({ ...thing, ...target, ...names, ...token, ...offer }, limits);
  if (!begun.ok) throw new Error(begun.code);
  store.journal.settle(begun.value.purchaseId, { preimageHex: paid.preimageHex, amountMsat, feeMsat: paid.feeMsat });
  store.close();
  return paid.preimageHex;
}

describe('satway receipts', () => {
  it.each(['json', 'csv'])('writes %s that it verifies by itself, without a wallet and a store', async (format) => {
    const preimage = await buy(5001);
    await buy(7000);
    const file = join(folder, `receipts.${format}`);
    const written = await receipts('export', '--format', format, '-o', file, '--with-preimages');
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(preimage);
    expect(text).not.toContain('hush');
    expect(await verdict(file, '--require-proof')).toMatchObject({
      code: 0,
      told: { ok: true, count: 2, proven: 2, totals: { totalMsat: '12001' }, faults: [] },
    });
    const open = await receipts('export', '--format', format);
    expect(open.stdout).not.toContain(preimage);
    writeFileSync(file, open.stdout);
    expect(await verdict(file)).toMatchObject({ code: 0, told: { ok: true, count: 2, proven: 0 } });
    expect(await verdict(file, '--require-proof')).toMatchObject({ code: 1, told: { ok: false } });
    writeFileSync(file, text.replace('7000', '1000'));
    const tampered = await verdict(file);
    expect(tampered).toMatchObject({ code: 1, told: { ok: false } });
    const line = text.split('\n').findIndex((each) => each.includes('7000')) + 1;
    expect(tampered.told?.['faults']).toEqual(
      expect.arrayContaining([expect.objectContaining({ fault: 'amount', line })]),
    );
    const said = await receipts('verify', file);
    expect(said).toMatchObject({ code: 1, stdout: expect.stringContaining(`line ${line}, receipt `) });
  });

  it('writes a file of no receipts where nothing was paid in that time, and none where it cannot be written', async () => {
    await buy(5000);
    const { code, stdout } = await receipts('export', '--until', '2020-01-01');
    expect({ code, file: JSON.parse(stdout) }).toMatchObject({ code: 0, file: { receipts: [], totals: { count: 0 } } });
    expect(await receipts('export', '-o', join(folder, 'no', 'such', 'place'))).toMatchObject({ code: 2, stdout: '' });
  });

  it('ends quietly when its reader has enough', async () => {
    for (let count = 0; count < 3; count++) await buy(5000);
    const child = startSatway(['receipts', 'export'], { SATWAY_HOME: sandbox.home });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says of what is no file of receipts that it is none', async () => {
    const file = join(folder, 'letter.txt');
    writeFileSync(file, 'Dear Sir,\n');
    expect((await verdict(file)).code).toBe(2);
    expect((await verdict(join(folder, 'missing'))).code).toBe(2);
  });
});
