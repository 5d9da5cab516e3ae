import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../src/index.js';
import type { Quote, StepResult } from '../src/journal/index.js';

/** A path for a purchase store in a folder that goes away with the test. */
export function temporaryStorePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'satway-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'buyer', 'purchases.db');
}

/** An opened store that is closed with the test. */
export function temporaryStore(path = temporaryStorePath()): PurchaseStore {
  const store = openPurchaseStore({ path });
  onTestFinished(() => store.close());
  return store;
}

/** A quote with a hash, a key and a URL of its own. */
export function quoteOf(number: number, changes: Partial<Quote> = {}): Quote {
  return {
    walletId: 'wallet-a',
    budgetId: 'default',
    idempotencyKey: `key-${number}`,
    keyGiven: false,
    method: 'GET',
    url: `https://api.example/v1/item/${number}`,
    bodySha256Hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    origin: 'https://api.example',
    targetMethod: 'GET',
    targetUrl: `https://api.example/v1/item/${number}`,
    scope: 'endpoint:acme/item',
    paymentHashHex: number.toString(16).padStart(64, '0'),
    invoice: `lnbcrt-invoice-${number}`,
    amountMsat: 5000,
    invoiceExpiresAtMs: 2_000_000_000_000,
    macaroonText: `macaroon-${number}`,
    usesTotal: 1,
    credentialExpiresAtMs: 2_000_000_000_000,
    ...changes,
  };
}

/** The value of a step that must not be refused. */
export function valueOf<T>(result: StepResult<T>): T {
  if (result.ok) return result.value;
  assert.fail(`refused: ${result.code}`);
}
