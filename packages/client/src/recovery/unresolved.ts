import { SatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import type { Purchase } from '../journal/index.js';
import type { PurchaseStore } from '../store/index.js';
import { resolve } from './resolve.js';

/** The two ends that a person can give to a payment that stays unknown. */
export type ManualEnd = 'settled-as-spent' | 'failed';

/** What a person decided; `decidedBy` and `reason` are kept in the journal and shown to whoever asks later. */
export interface ManualDecision {
  readonly as: ManualEnd;
  readonly decidedBy: string;
  readonly reason: string;
}

/** Where an unresolved purchase stands after its wallet was asked. */
export interface UnresolvedFinding {
  readonly purchase: Purchase;
  /** `null` where the wallet could not be asked. */
  readonly walletSays: PaymentLookUp['state'] | null;
  /** Why it is still unknown; `null` where it is not. */
  readonly detail: string | null;
  /** What the credential lacks to look a payment up, in the wallet's own words; `null` where that is not why the wallet could not be asked. */
  readonly missingPermission: string | null;
}

/** Where to look, and whom to ask. */
export interface UnresolvedParts {
  readonly store: PurchaseStore;
  /** Its identity must be the one that the purchase names: no other wallet knows anything of it. */
  readonly wallet: Pick<InvoicePayer, 'identity' | 'lookUp'>;
  readonly nowMs?: () => number;
}

/**
 * Asks the wallet what became of a payment and writes down what it proves, as recovery does. Where it stays unknown, `decide` may end it by hand; the
 * purchase is in our hands meanwhile, so that nothing happens to it between the answer and the decision.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where a living process has it in hand; `PURCHASE_STATE_CONFLICT` where it is not unresolved, or of another
 * wallet; `PURCHASE_STORE_FAILED`; and what `decide` throws.
 */
export async function settleUnresolved(
  { store, wallet, nowMs = Date.now }: UnresolvedParts,
  purchaseId: string,
  decide: (finding: UnresolvedFinding) => Promise<ManualDecision | null> = async () => null,
): Promise<UnresolvedFinding> {
  if (!store.journal.adopt(purchaseId)) throw new SatwayError('PURCHASE_UNDER_WAY');
  try {
    const finding = await lookUp(store, wallet, purchaseId);
    if (finding.purchase.state !== 'unknown') return finding;
    const decision = await decide(finding);
    if (decision === null) return finding;
    enter(store, purchaseId, decision, nowMs());
    return { ...finding, purchase: read(store, purchaseId), detail: null };
  } finally {
    store.journal.park(purchaseId);
  }
}

async function lookUp(
  store: PurchaseStore,
  wallet: UnresolvedParts['wallet'],
  purchaseId: string,
): Promise<UnresolvedFinding> {
  const before = read(store, purchaseId);
  if (before.state !== 'sending' && before.state !== 'unknown') {
    throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: `It is ${before.state}: there is nothing to resolve.` });
  }
  if (before.walletId !== wallet.identity) {
    throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'Another wallet has paid it, or not; ask that one.' });
  }
  const found = await resolve({ store, wallet, tell: () => undefined }, before);
  const detail = found.state === 'unknown' ? found.detail : null;
  return {
    purchase: read(store, purchaseId),
    walletSays: found.walletSays,
    detail,
    missingPermission: found.missingPermission ?? null,
  };
}

function enter(
  store: PurchaseStore,
  purchaseId: string,
  { as, decidedBy, reason }: ManualDecision,
  atMs: number,
): void {
  const text = `${as} by ${decidedBy} at ${new Date(atMs).toISOString()}: ${reason}`.slice(0, 500);
  if (as === 'failed') store.journal.release(purchaseId, text);
  else store.journal.writeOff(purchaseId, text);
}

function read(store: PurchaseStore, purchaseId: string): Purchase {
  const purchase = store.journal.get(purchaseId);
  if (purchase === null) throw new SatwayError('PURCHASE_STATE_CONFLICT', { detail: 'There is no such purchase.' });
  return purchase;
}
