import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BudgetState, type ClientEvent, L402Client, openPurchaseStore } from '@satway/client';
import { connectLndPayer } from '@satway/wallets/lnd';
import type { DemoWorld } from './demo-world.js';

/** What the agent may spend in the demo. */
export const DEMO_BUDGET_SATS = 100;
export const DEMO_MAX_PER_REQUEST_SATS = 10;

/** How the purchase ended. */
export interface DemoResult {
  readonly status: number;
  readonly outcome: string | null;
  readonly answer: string;
  readonly paidMsat: number;
  readonly feeMsat: number;
  readonly remainingMsat: number;
}

/** Lets an agent with a budget and a journal of its own fetch a URL, over the wire as everybody else would. */
export async function buyOnce(
  world: DemoWorld,
  url: string,
  onEvent: (event: ClientEvent) => void,
): Promise<DemoResult> {
  const { url: lndUrl, macaroonHex, tlsCertPath } = world.lnd;
  const pin = tlsCertPath === null ? {} : { tlsCertPem: readFileSync(tlsCertPath, 'utf8') };
  const wallet = await connectLndPayer({ url: lndUrl, macaroonHex, ...pin });
  const store = openPurchaseStore({ path: join(world.folder, 'agent', 'purchases.db') });
  const client = new L402Client({
    wallet,
    store,
    budgetSats: DEMO_BUDGET_SATS,
    maxPerRequestSats: DEMO_MAX_PER_REQUEST_SATS,
    onEvent,
  });
  try {
    const result = await client.tryFetch(url);
    if (!result.ok) throw result.error;
    const { response, payment } = result;
    return {
      status: response.status,
      outcome: response.headers.get('x-payment-outcome'),
      answer: await response.text(),
      paidMsat: payment?.paidMsat ?? 0,
      feeMsat: payment?.feeMsat ?? 0,
      remainingMsat: remainingOf(client.budget()),
    };
  } finally {
    await client.close();
    store.close();
  }
}

function remainingOf({ capMsat, reservedMsat, spentMsat }: BudgetState): number {
  return (capMsat ?? 0) - reservedMsat - spentMsat;
}
