import type { SendRefusal } from '../../network/index.js';
import { type LndRefusal, refusal } from '../answer.js';
import { checksumComplaint } from './bech32-checksum.js';

/** LND's words for a payment that it does not begin. */
export function lndRefusal(reason: SendRefusal, invoice: string): LndRefusal {
  switch (reason.kind) {
    case 'malformed':
      return refusal(2, checksumComplaint(invoice) ?? reason.detail);
    case 'otherNetwork':
      return refusal(2, "invoice not for current active network 'regtest'");
    case 'expired':
      return refusal(2, `invoice expired. Valid until ${goTime(reason.expiresAtMs)}`);
    case 'amountMissing':
      return refusal(2, 'amount must be specified when paying a zero amount invoice');
    case 'amountGiven':
      return refusal(2, 'amount must not be specified when paying a non-zero amount invoice');
    case 'selfPayment':
      return refusal(2, 'self-payments not allowed');
    case 'alreadyPaid':
      return refusal(6, 'invoice is already paid');
    case 'inTransition':
      return refusal(6, 'payment is in transition');
  }
}

/** As Go prints a time in UTC without a fraction: `2026-11-21 14:07:44 +0000 UTC`. */
function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
