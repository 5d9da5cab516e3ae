import { L402Client, openPurchaseStore } from '@satway/client';
import { connectPayingWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import { paidByHand } from '../wallet/paid-by-hand.js';
import type { PayingParts } from './as-one-call.js';
import { rememberStore } from './known-stores.js';
import { DEFAULT_BUDGET_SATS } from './limits.js';
import { typedHosts } from './typed-host.js';

/** What a client is made of here, whole satoshis. */
export interface ClientParts {
  /** What the person typed. */
  readonly url: string;
  readonly settings: WalletSettings;
  readonly storePath: string;
  readonly maxPerRequestSats: number;
  /** `null`: 5,000. */
  readonly budgetSats: number | null;
}

/** Connects the wallet and opens the store for as long as they are used. */
export async function withClient<T>(
  parts: ClientParts,
  use: (client: L402Client, paying: PayingParts) => Promise<T>,
): Promise<T> {
  const wallet = await connectPayingWallet(parts.settings);
  try {
    rememberStore(process.env, parts.storePath);
    const store = openPurchaseStore({ path: parts.storePath });
    const folder = directPaymentsFolder(process.env);
    const { maxPerRequestSats, budgetSats } = parts;
    const client = new L402Client({
      wallet,
      store,
      maxPerRequestSats,
      paidElsewhere: (paymentHashHex) => paidByHand(folder, paymentHashHex),
      allowHosts: typedHosts(parts.url),
      // The whole is bounded, so that a person may spend it as they like.
      budgetSats: budgetSats ?? DEFAULT_BUDGET_SATS,
      limits: { perDaySats: 'off', perHostAndDaySats: 'off' },
    });
    try {
      return await use(client, { store, wallet });
    } finally {
      await client.close();
      store.close();
    }
  } finally {
    await wallet.close();
  }
}
