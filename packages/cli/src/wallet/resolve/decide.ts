import { hostname, userInfo } from 'node:os';
import { SatwayError } from '@satway/base';
import { type ManualEnd, settleUnresolved } from '@satway/client';
import { confirmHash } from './confirm-hash.js';
import { diagnoseWhereOpen, type Examined, type ResolveParts } from './examine.js';
import { mayDecide } from './may-decide.js';

/**
 * Ends a payment by hand. The wallet was asked before the person is, and is asked once more before anything is written: what it can prove by then counts,
 * and the decision does not.
 *
 * @throws {SatwayError} `PURCHASE_NOT_DECIDABLE`, `CLI_USAGE` where it is not confirmed, and those of `settleUnresolved`.
 */
export async function decide(
  parts: ResolveParts,
  examined: Examined,
  as: ManualEnd,
  yes: string | undefined,
): Promise<Examined> {
  const { paymentHashHex } = examined.purchase;
  requireLeave(as, paymentHashHex, examined);
  await confirmHash({ purchase: examined.purchase, as, yes });
  const decided = await settleUnresolved(parts, examined.purchase.purchaseId, async (finding) => {
    const diagnosis = await diagnoseWhereOpen(parts.settings, finding);
    const reason = requireLeave(as, paymentHashHex, { ...finding, diagnosis });
    return { as, decidedBy: whoIsHere(), reason };
  });
  return { ...decided, diagnosis: null };
}

/** The reason for which a person may end it so. @throws {SatwayError} `PURCHASE_NOT_DECIDABLE`. */
export function requireLeave(
  as: ManualEnd,
  paymentHashHex: string,
  finding: Pick<Examined, 'walletSays' | 'detail' | 'missingPermission' | 'diagnosis'>,
): string {
  const leave = mayDecide(as, finding, finding.diagnosis);
  if (leave.ok) return leave.reason;
  throw new SatwayError('PURCHASE_NOT_DECIDABLE', {
    detail: leave.why,
    facts: { paymentHashHex },
  });
}

/** A user without a name, as containers have them, is known by number. */
export function whoIsHere(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
