import { type ClientEvent, L402Client, openPurchaseStore, type PurchaseStore } from '@satway/client';
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

/** Lets an agent with a budget and a journal fetch a URL, over the wire as everybody else would. */
export async function buyOnce(
  world: DemoWorld,
  url: string,
  onEvent: (event: ClientEvent) => void,
): Promise<DemoResult> {
  const wallet = await connectPayingWallet(world.buyer);
  try {
    const store = openPurchaseStore({ path: world.agent.storePath, keychain: world.agent.keychain });
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
  { agent, limits }: DemoWorld,
  url: string,
  onEvent: (event: ClientEvent) => void,
): Promise<DemoResult> {
  const client = new L402Client({
    wallet,
    store,
    budgetId: agent.budgetId,
    // It buys once, so what one request may cost bounds it all; a cap would count earlier stories in the same store.
    maxPerRequestSats: Math.min(limits.maxPerRequestSats, limits.budgetSats),
    limits: { perDaySats: 'off', perHostAndDaySats: 'off' },
    allowHosts: [new URL(url).host],
    onEvent,
  });
  try {
    const result = await client.tryFetch(url, { headers: { 'idempotency-key': agent.idempotencyKey } });
    if (!result.ok) throw result.error;
    const { response, payment } = result;
    const { paidMsat = 0, feeMsat = 0 } = payment ?? {};
    return {
      status: response.status,
      outcome: response.headers.get('x-payment-outcome'),
      answer: await response.text(),
      paymentHashHex: payment?.paymentHashHex ?? null,
      paidMsat,
      feeMsat,
      remainingMsat: limits.budgetSats * 1000 - paidMsat - feeMsat,
    };
  } finally {
    await client.close();
  }
}
