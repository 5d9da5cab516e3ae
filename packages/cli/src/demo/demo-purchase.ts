import { join } from 'node:path';
import { type BudgetState, type ClientEvent, L402Client, openPurchaseStore, type PurchaseStore } from '@satway/client';
import type { PayingWallet } from '@satway/wallets';
import { connectPayingWallet } from '@satway/wallets/open-wallet';
import type { DemoWorld } from './demo-world.js';

/** How the purchase ended. */
export interface DemoResult {
  readonly status: number;
  readonly outcome: string | null;
  readonly answer: string;
  readonly paymentHashHex: string | null;
  readonly paidMsat: number;
  readonly feeMsat: number;
  readonly remainingMsat: number;
}

/** The agent's journal, in the folder that the world gives it. */
export function agentStorePath({ agentFolder }: Pick<DemoWorld, 'agentFolder'>): string {
  return join(agentFolder, 'purchases.db');
}

/** Lets an agent with a budget and a journal of its own fetch a URL, over the wire as everybody else would. */
export async function buyOnce(
  world: DemoWorld,
  url: string,
  onEvent: (event: ClientEvent) => void,
): Promise<DemoResult> {
  const wallet = await connectPayingWallet(world.buyer);
  try {
    const store = openPurchaseStore({ path: agentStorePath(world) });
    try {
      return await buyWith(wallet, store, world, url, onEvent);
    } finally {
      store.close();
    }
  } finally {
    await wallet.close();
  }
}

async function buyWith(
  wallet: PayingWallet,
  store: PurchaseStore,
  world: DemoWorld,
  url: string,
  onEvent: (event: ClientEvent) => void,
): Promise<DemoResult> {
  const client = new L402Client({ wallet, store, ...world.limits, allowHosts: [new URL(url).host], onEvent });
  try {
    const result = await client.tryFetch(url);
    if (!result.ok) throw result.error;
    const { response, payment } = result;
    return {
      status: response.status,
      outcome: response.headers.get('x-payment-outcome'),
      answer: await response.text(),
      paymentHashHex: payment?.paymentHashHex ?? null,
      paidMsat: payment?.paidMsat ?? 0,
      feeMsat: payment?.feeMsat ?? 0,
      remainingMsat: remainingOf(client.budget()),
    };
  } finally {
    await client.close();
  }
}

function remainingOf({ capMsat, reservedMsat, spentMsat }: BudgetState): number {
  return (capMsat ?? 0) - reservedMsat - spentMsat;
}
