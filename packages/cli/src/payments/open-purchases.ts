import { existsSync } from 'node:fs';
import { openPurchaseStore, type PurchaseStore } from '@satway/client';
import { purchaseStorePathIn } from '../pay/satway-home.js';

/** Opens the purchase store for as long as it is used; `absent` where there is none yet: looking makes no store. */
export async function withPurchases<T>(
  file: string | undefined,
  use: (store: PurchaseStore) => T | Promise<T>,
  absent: () => T | Promise<T>,
): Promise<T> {
  const path = file ?? purchaseStorePathIn(process.env);
  if (!existsSync(path)) return absent();
  const store = openPurchaseStore({ path });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}
