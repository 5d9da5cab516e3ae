import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { L402Client, openPurchaseStore } from '@satway/client';
import type { SandboxNode } from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';

/** Our own client, with limits that would bear most prices; it goes away with the test. */
export function openClient(buyer: SandboxNode): L402Client {
  const folder = mkdtempSync(join(tmpdir(), 'satway-interop-'));
  const store = openPurchaseStore({ path: join(folder, 'purchases.db') });
  const caps = { budgetSats: 1_000_000, maxPerRequestSats: 1_000_000 };
  const limits = { perDaySats: 'off', perHostAndDaySats: 'off' } as const;
  const client = new L402Client({ wallet: buyer.payer, store, ...caps, limits });
  onTestFinished(async () => {
    await client.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return client;
}
