import type { ManualEnd, UnresolvedFinding } from '@satway/client';
import type { Diagnosis } from '../diagnose-purchase.js';

/** Whether a person may end a payment so, with the reason that the journal keeps; or why not. */
export type Leave = { readonly ok: true; readonly reason: string } | { readonly ok: false; readonly why: string };

/**
 * What a person may decide of a payment that stays unknown after its wallet was asked. Booking it as spent costs at most what is reserved already; giving
 * the reservation back is right only where the money cannot leave any more. Where the credential lets no payment be looked up, only the first of the two is left.
 */
export function mayDecide(
  as: ManualEnd,
  finding: Pick<UnresolvedFinding, 'walletSays' | 'detail' | 'missingPermission'>,
  diagnosis: Diagnosis | null,
): Leave {
  const { walletSays, detail, missingPermission } = finding;
  if (walletSays === null && missingPermission !== null) return mayDecideUnasked(as, missingPermission, detail);
  if (walletSays === null) {
    return { ok: false, why: `The wallet could not be asked (${detail ?? 'no reason given'}); it may know the end.` };
  }
  if (diagnosis !== null && diagnosis.verdict !== 'stuck') {
    const words = diagnosis.verdict === 'canStillEnd' ? 'can still end' : 'may still end';
    return { ok: false, why: `The payment ${words} by itself: ${diagnosis.detail}` };
  }
  if (as === 'settled-as-spent') return { ok: true, reason: diagnosis?.detail ?? detail ?? `wallet: ${walletSays}` };
  if (diagnosis !== null) return { ok: true, reason: diagnosis.detail };
  if (walletSays === 'failed') return { ok: false, why: ANOTHER_MAY_BE_PAID };
  return { ok: false, why: `Nothing shows that the money cannot leave any more: the wallet says ${walletSays}.` };
}

/** A failure that ends the payment was written down by the look-up, as one is once the invoice is dead; what is still open after it has another request. */
const ANOTHER_MAY_BE_PAID =
  'The wallet says that a request for it failed, and another may still be paid until the invoice has expired by the wallet’s own clock. A minute after that a look-up ends it as failed by itself; where the wallet tells no time, it can be booked as spent.';

function mayDecideUnasked(as: ManualEnd, missingPermission: string, detail: string | null): Leave {
  const lack = `The credential may not look payments up (it lacks ${missingPermission})`;
  if (as === 'settled-as-spent') return { ok: true, reason: `${lack}. ${detail ?? ''}`.trim() };
  return { ok: false, why: `${lack}: nothing shows that the money cannot leave any more. It can be booked as spent.` };
}
