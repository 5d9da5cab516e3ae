import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Approval, type ApprovalRequest, openPurchaseStore, type PurchaseStore } from '@satway/client';
import { onTestFinished } from 'vitest';

/** A purchase store in a folder that goes away with the test. */
export function temporaryStore(): PurchaseStore {
  const folder = mkdtempSync(join(tmpdir(), 'satway-mcp-'));
  const store = openPurchaseStore({ path: join(folder, 'purchases.db') });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

/** What the client asks of an approver: 2,000 sats and at most 20 in fees, where nothing else is said. */
export function requestOf(changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    origin: 'https://api.example',
    method: 'GET',
    url: 'https://api.example/v1/report?year=2026',
    amountMsat: 2_000_000,
    feeCeilingMsat: 20_000,
    paymentHashHex: 'ab'.repeat(32),
    payeeHex: `02${'cd'.repeat(32)}`,
    requestDigestHex: 'ef'.repeat(32),
    invoice: 'lnbcrt20u1pexample',
    description: 'a report',
    expiresAtMs: Date.now() + 600_000,
    sentBefore: false,
    ...changes,
  };
}

/** A question that stands in the store. */
export function askedIn(store: PurchaseStore, changes: Partial<ApprovalRequest> = {}): Approval {
  const asked = store.approvals.ask(requestOf(changes));
  if (!asked.ok) throw new Error(asked.code);
  return asked.value;
}
