import { existsSync } from 'node:fs';
import { type BudgetState, openPurchaseStore, type Purchase, type PurchaseStore } from '@satway/client';
import type { UnresolvedFacts } from './facts.js';
import { learn, type Learned } from './learned.js';

/** What the purchase store says; nothing where there is no store yet. */
export interface PurchaseFacts {
  readonly budgets: Learned<readonly BudgetState[]>;
  readonly unresolved: Learned<readonly UnresolvedFacts[]>;
}

/** Whether a payment is stuck for ever, as far as its wallet can tell. */
export type IsStuck = (
  purchase: Pick<Purchase, 'paymentHashHex' | 'walletId'>,
) => Promise<UnresolvedFacts['diagnosis']>;

/** Reads budgets and open payments. Makes no store where there is none, and pays nothing. */
export async function gatherPurchases(path: string, nowMs: number, diagnose: IsStuck): Promise<PurchaseFacts> {
  if (!existsSync(path)) return { budgets: { known: true, value: [] }, unresolved: { known: true, value: [] } };
  const opened = await learn(() => openPurchaseStore({ path }));
  if (!opened.known) return { budgets: opened, unresolved: opened };
  const store = opened.value;
  try {
    return {
      budgets: await learn(() => store.budgets.list()),
      unresolved: await learn(() => gatherUnresolved(store, nowMs, diagnose)),
    };
  } finally {
    store.close();
  }
}

async function gatherUnresolved(store: PurchaseStore, nowMs: number, diagnose: IsStuck): Promise<UnresolvedFacts[]> {
  const facts: UnresolvedFacts[] = [];
  for (const purchase of store.journal.listUnresolved()) {
    const { purchaseId, paymentHashHex, amountMsat, createdAtMs } = purchase;
    const inHand = !store.journal.adopt(purchaseId);
    if (!inHand) store.journal.park(purchaseId);
    const diagnosis = inHand ? 'open' : await diagnose(purchase);
    facts.push({ paymentHashHex, isDirect: false, amountMsat, ageMs: nowMs - createdAtMs, inHand, diagnosis });
  }
  return facts;
}
