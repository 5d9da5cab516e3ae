import { listOpenPayments, type OpenPayment } from '../../wallet/direct-payment/index.js';
import type { UnresolvedFacts } from './facts.js';
import { known, learn, type Learned } from './learned.js';
import type { IsStuck } from './purchase-facts.js';

/** Reads what `satway wallet pay` sent and left open. Makes nothing where there is nothing, and pays nothing. */
export function gatherDirectPayments(
  folder: string,
  nowMs: number,
  diagnose: IsStuck,
): Promise<Learned<readonly UnresolvedFacts[]>> {
  return learn(() => Promise.all(listOpenPayments(folder).map((open) => factsOf(open, nowMs, diagnose))));
}

async function factsOf(open: OpenPayment, nowMs: number, diagnose: IsStuck): Promise<UnresolvedFacts> {
  const { paymentHashHex, record, inHand } = open;
  const common = { paymentHashHex, isDirect: true, inHand } as const;
  if (record === null) return { ...common, amountMsat: null, ageMs: null, diagnosis: 'open' };
  const { amountMsat, createdAtMs, walletIdentity } = record;
  const diagnosis = inHand ? 'open' : await diagnose({ paymentHashHex, walletId: walletIdentity });
  return { ...common, amountMsat, ageMs: nowMs - createdAtMs, diagnosis };
}

/** Both lists as one; what of either is not known is said first. */
export function bothLists(
  purchases: Learned<readonly UnresolvedFacts[]>,
  direct: Learned<readonly UnresolvedFacts[]>,
): Learned<readonly UnresolvedFacts[]> {
  if (!purchases.known) return purchases;
  return direct.known ? known([...purchases.value, ...direct.value]) : direct;
}
