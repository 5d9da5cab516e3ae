import { SatwayError } from '@satway/base';
import type { InvoicePayer } from '@satway/wallets';
import { bookedFigures } from './booked-figures.js';
import { lookUpRecord } from './look-up.js';
import type { DirectPayment, PaidBill } from './direct-payment.js';
import type { HeldPayment } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';
import { unknownPayment } from './unknown-payment.js';

/** An invoice that was sent before and may be sent now; `openSends` of the record says how many requests may be alive. */
export interface Resendable {
  readonly state: 'resendable';
  readonly record: PaymentRecord;
}

/**
 * What earlier runs of this payment came to; `null` where there was none. What settled on our disk has settled, whatever the wallet knows of it now: its owner
 * may have deleted its records, and then it would pay again.
 *
 * @throws {SatwayError} `PAYMENT_UNKNOWN` while the end is not known and it cannot be sent again; `PAYMENT_HASH_REUSED` where a person ended it by hand; what the wallet's look-up throws.
 */
export async function settleEarlier(
  { bill, wallet }: Pick<DirectPayment, 'bill' | 'wallet'>,
  held: HeldPayment,
): Promise<PaidBill | Resendable | null> {
  if (held.record === null) return null;
  if (held.record.state === 'settled') return paidOnDisk(wallet, held.record);
  if (held.record.walletIdentity !== wallet.identity) return fromAnotherWallet(held.record);
  const { found, record } = await lookUpRecord(wallet, held.record);
  held.write(record);
  if (found.state === 'settled') {
    return { state: 'settled', preimageHex: found.preimageHex, ...bookedFigures(found, record), paidBefore: true };
  }
  refuseEndedByHand(record);
  if (found.state === 'inFlight') throw unknownPayment(bill, 'It is still in flight.');
  if (record.state === 'failed') return { state: 'resendable', record };
  if (found.state === 'failed') throw unknownPayment(bill, 'A request for it failed, another may still be paid.');
  // A record that the wallet once had and was deleted refuses nothing, and whoever saw the first payment pass knows the preimage.
  if (record.seenInFlight) throw unknownPayment(bill, 'The wallet once had it under way, and shows no end of it.');
  if (wallet.refusesSecondPayment) return { state: 'resendable', record };
  throw unknownPayment(bill, 'The wallet has no record of it yet, and might pay it twice if it were sent again.');
}

/** The wallet is asked for the proof only, and need not have it any more. */
async function paidOnDisk(wallet: InvoicePayer, record: PaymentRecord): Promise<PaidBill> {
  const isItsOwn = wallet.identity === record.walletIdentity;
  return paidOnRecord(record, isItsOwn ? await preimageOf(wallet, record.paymentHashHex) : null);
}

/** What a record that has settled says. */
export function paidOnRecord(
  { amountMsat, feeMsat, feeLimitMsat }: PaymentRecord,
  preimageHex: string | null = null,
): PaidBill {
  const bookedMsat = feeMsat ?? feeLimitMsat;
  return { state: 'settled', amountMsat, feeMsat: bookedMsat, preimageHex, paidBefore: true, warning: null };
}

async function preimageOf(wallet: InvoicePayer, paymentHashHex: string): Promise<string | null> {
  try {
    const found = await wallet.lookUp(paymentHashHex);
    return found.state === 'settled' ? found.preimageHex : null;
  } catch {
    return null;
  }
}

/** Only while a request may be alive at one wallet, another must not pay. */
function fromAnotherWallet(record: PaymentRecord): Resendable {
  refuseEndedByHand(record);
  if (record.state === 'failed') return { state: 'resendable', record };
  throw unknownPayment(record, 'It was sent from another wallet; use that one.');
}

function refuseEndedByHand({ decision, paymentHashHex }: PaymentRecord): void {
  if (decision === null) return;
  throw new SatwayError('PAYMENT_HASH_REUSED', {
    detail: `A person ended its payment, and it is never sent again: ${decision}`,
    fundsMoved: 'unknown',
    facts: { paymentHashHex },
  });
}
