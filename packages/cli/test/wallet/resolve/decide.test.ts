import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore, type PurchaseStore } from '@satway/client';
import type { PaymentLookUp } from '@satway/wallets';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide, type Examined, examine, type ResolveParts } from '../../../src/wallet/resolve/index.js';

const HASH = 'ab'.repeat(32);
const settings: WalletSettings = { kind: 'phoenixd', url: 'http://127.0.0.1:1', password: 'unused' };

let folder = '';
let store: PurchaseStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-decide-'));
  store = openPurchaseStore({ path: join(folder, 'purchases.db') });
  store.budgets.registerCap('default', 100_000);
  leaveUnknown();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function leaveUnknown(): void {
  const call = { method: 'GET', url: 'https://api.example/item', bodySha256Hex: '00'.repeat(32) };
  const target = { origin: 'https://api.example', targetMethod: 'GET', targetUrl: call.url, scope: 'item' };
  const offer = {
    paymentHashHex: HASH,
    invoice: 'lnbcrt1',
    amountMsat: 5000,
    invoiceExpiresAtMs: Date.now() + 600_000,
  };
  const credential = { macaroonText: 'm', usesTotal: 1, credentialExpiresAtMs: null };
  const names = { walletId: 'wallet-a', budgetId: 'default', idempotencyKey: 'key', keyGiven: false };
  const quoted = store.journal.quote({ ...call, ...target, ...offer, ...credential, ...names });
  if (!quoted.ok) throw new Error(quoted.code);
  store.journal.reserve(quoted.value, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  store.journal.startSending(quoted.value);
  store.journal.park(quoted.value);
}

/** A wallet that gives these answers one after the other. */
function partsWith(...answers: (PaymentLookUp | 'silent')[]): ResolveParts {
  const lookUp = async (): Promise<PaymentLookUp> => {
    const answer = answers.shift();
    if (answer === undefined || answer === 'silent') throw new TypeError('socket hang up');
    return answer;
  };
  return { store, settings, wallet: { identity: 'wallet-a', lookUp } };
}

async function endAsSpent(parts: ResolveParts): Promise<Examined> {
  const [purchase] = store.journal.listUnresolved();
  if (purchase === undefined) throw new Error('nothing is unresolved');
  return decide(parts, await examine(parts, purchase), 'settled-as-spent', HASH);
}

const inFlight = { state: 'inFlight' } as const;

describe('ending a payment by hand', () => {
  it('asks the wallet once more after the person said yes: what it proves by then counts, and the decision does not', async () => {
    const failed = { state: 'failed', reason: 'no_route', detail: 'none', walletNowMs: null } as const;
    const ended = await endAsSpent(partsWith(inFlight, failed));
    expect(ended.purchase).toMatchObject({ state: 'failed', outcome: null, failure: 'no_route: none' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 0 });
  });

  it('is refused where the wallet falls silent in between', async () => {
    await expect(endAsSpent(partsWith(inFlight, 'silent'))).rejects.toMatchObject({ code: 'PURCHASE_NOT_DECIDABLE' });
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 6000, spentMsat: 0 });
    expect(store.journal.listUnresolved()).toHaveLength(1);
  });

  it('books what is reserved where the wallet says the same again', async () => {
    const ended = await endAsSpent(partsWith(inFlight, inFlight));
    expect(ended.purchase.outcome).toMatch(/^settled-as-spent by /);
    expect(store.budgets.state('default')).toMatchObject({ reservedMsat: 0, spentMsat: 6000 });
  });
});
