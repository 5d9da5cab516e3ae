import type { Purchase, PurchaseState } from '../journal/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { resolve } from './resolve.js';

/** What recovery found; `inOtherHands` counts what living processes work on. */
export interface RecoveryReport {
  /** Reservations given back, since nothing had been sent. */
  readonly released: number;
  /** Payments that turned out settled; their credentials wait for the next call of the same thing. */
  readonly settled: number;
  readonly failed: number;
  /** Payments of which the wallet cannot say yet what became of them. */
  readonly unknown: number;
  /** Paid before and not redeemed yet. */
  readonly kept: number;
  readonly inOtherHands: number;
}

type Finding = keyof RecoveryReport;

/**
 * Goes through what earlier processes of this wallet left unfinished. Asks the wallet only: no request goes to a seller, and nothing is paid.
 *
 * @throws {SatwayError} `PURCHASE_STORE_FAILED`.
 */
export async function recover(context: ClientContext): Promise<RecoveryReport> {
  const report: Record<Finding, number> = { released: 0, settled: 0, failed: 0, unknown: 0, kept: 0, inOtherHands: 0 };
  for (const purchase of context.store.journal.listUnfinished(context.wallet.identity)) {
    report[await recoverOne(context, purchase)]++;
  }
  return report;
}

async function recoverOne(context: ClientContext, { purchaseId, state, ownerId }: Purchase): Promise<Finding> {
  const { journal } = context.store;
  // Paid and in nobody's hands: there is nothing to look up, and nothing to write.
  if (ownerId === null && isPaid(state)) return 'kept';
  if (!journal.adopt(purchaseId)) return 'inOtherHands';
  try {
    // Read again: between the list and our hand somebody else may have moved it.
    const purchase = journal.get(purchaseId);
    if (purchase === null) return 'inOtherHands';
    const finding = await recoverState(context, purchase);
    context.tell({ type: 'recovered', paymentHashHex: purchase.paymentHashHex, state: finding });
    return finding;
  } finally {
    journal.park(purchaseId);
  }
}

async function recoverState(context: ClientContext, purchase: Purchase): Promise<Finding> {
  if (neverSent(purchase.state)) {
    context.store.journal.fail(purchase.purchaseId, 'abandoned before it was sent');
    return 'released';
  }
  if (isPaid(purchase.state)) return 'kept';
  if (purchase.state === 'failed') return 'failed';
  return (await resolve(context, purchase)).state;
}

function isPaid(state: PurchaseState): boolean {
  return state === 'settled' || state === 'redeeming' || state === 'redeemed';
}

function neverSent(state: PurchaseState): boolean {
  return state === 'quoted' || state === 'reserved';
}
