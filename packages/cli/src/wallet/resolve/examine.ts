import { isSatwayError } from '@satway/base';
import { type Purchase, type PurchaseStore, settleUnresolved, type UnresolvedFinding } from '@satway/client';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { type Diagnosis, diagnosePurchase } from '../diagnose-purchase.js';
import type { AskedWallet } from './asked-wallet.js';

/** The store, and the wallet that is asked. */
export interface ResolveParts {
  readonly store: PurchaseStore;
  readonly wallet: AskedWallet;
  /** `null` where no wallet is named. */
  readonly settings: WalletSettings | null;
}

/** One purchase after its wallet was asked; what the wallet proved is written down by then. */
export interface Examined extends UnresolvedFinding {
  readonly diagnosis: Diagnosis | null;
}

/** Asks the wallet about one purchase. One that is another wallet's, or in another process's hands, is told as such and left alone. */
export async function examine(parts: ResolveParts, purchase: Purchase): Promise<Examined> {
  try {
    const finding = await settleUnresolved(parts, purchase.purchaseId);
    return { ...finding, diagnosis: await diagnoseWhereOpen(parts.settings, finding) };
  } catch (error) {
    if (!isSatwayError(error, 'PURCHASE_UNDER_WAY') && !isSatwayError(error, 'PURCHASE_STATE_CONFLICT')) throw error;
    return { purchase, walletSays: null, detail: error.message, missingPermission: null, diagnosis: null };
  }
}

/** Only of a payment in flight is there more to find out. */
export async function diagnoseWhereOpen(
  settings: WalletSettings | null,
  {
    purchase,
    walletSays,
  }: Pick<UnresolvedFinding, 'walletSays'> & { readonly purchase: Pick<Purchase, 'paymentHashHex'> },
): Promise<Diagnosis | null> {
  return walletSays === 'inFlight' && settings !== null ? diagnosePurchase(settings, purchase) : null;
}
