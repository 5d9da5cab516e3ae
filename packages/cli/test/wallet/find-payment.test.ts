import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPayment } from '../../src/wallet/direct-payment/index.js';

const HASH = 'ab'.repeat(32);
const EXPIRES_AT_MS = 1_800_000_000_000;
let folder = '';
let network: SandboxNetwork;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-find-'));
  network = createSandboxNetwork();
});
afterEach(() => {
  network.close();
  rmSync(folder, { recursive: true, force: true });
});

const walletThat = (found: PaymentLookUp): InvoicePayer =>
  Object.create(network.addNode('buyer').payer, { lookUp: { value: async () => found } }) as InvoicePayer;

function writeRecord(sends: number, walletIdentity: string): void {
  mkdirSync(folder, { recursive: true });
  const amounts = { amountMsat: 5000, feeLimitMsat: 0, feeMsat: null };
  const record = {
    version: 1,
    paymentHashHex: HASH,
    invoice: 'lnbcrt1',
    invoiceExpiresAtMs: EXPIRES_AT_MS,
    ...amounts,
  };
  const counts = { openSends: sends, totalSends: sends, createdAtMs: 1_700_000_000_000, decision: null };
  const text = JSON.stringify({ ...record, ...counts, walletIdentity, state: 'sending', seenInFlight: false });
  writeFileSync(join(folder, `${HASH}.json`), text);
}
const stateOnDisk = () => (JSON.parse(readFileSync(join(folder, `${HASH}.json`), 'utf8')) as { state: string }).state;

const failed = (walletNowMs: number | null): PaymentLookUp => ({
  state: 'failed',
  reason: 'no_route',
  detail: 'No route.',
  walletNowMs,
});

describe('what is said of a payment that was sent', () => {
  it('is failed by one failure where it was sent once', async () => {
    const wallet = walletThat(failed(null));
    writeRecord(1, wallet.identity);
    expect(await findPayment(wallet, HASH, folder)).toEqual({ state: 'failed', detail: 'No route.' });
    expect(stateOnDisk()).toBe('failed');
  });

  it('is unknown by one failure where it was sent twice, until its invoice is dead', async () => {
    const early = walletThat(failed(EXPIRES_AT_MS + 60_000));
    writeRecord(2, early.identity);
    expect(await findPayment(early, HASH, folder)).toMatchObject({ state: 'unknown' });
    expect(stateOnDisk()).toBe('sending');
    expect(await findPayment(walletThat(failed(EXPIRES_AT_MS + 60_001)), HASH, folder)).toMatchObject({
      state: 'failed',
    });
    expect(stateOnDisk()).toBe('failed');
  });

  it('is failed without a record at the wallet once its invoice is dead, and not before', async () => {
    const early = walletThat({ state: 'notFound', walletNowMs: EXPIRES_AT_MS });
    writeRecord(1, early.identity);
    expect(await findPayment(early, HASH, folder)).toMatchObject({ state: 'notFound' });
    const late = walletThat({ state: 'notFound', walletNowMs: EXPIRES_AT_MS + 60_001 });
    expect(await findPayment(late, HASH, folder)).toMatchObject({ state: 'failed' });
  });

  it('is unknown where another wallet than the one that was asked calls it failed, and nothing is written', async () => {
    writeRecord(1, 'another node');
    expect(await findPayment(walletThat(failed(EXPIRES_AT_MS * 2)), HASH, folder)).toMatchObject({ state: 'unknown' });
    expect(stateOnDisk()).toBe('sending');
  });
});
