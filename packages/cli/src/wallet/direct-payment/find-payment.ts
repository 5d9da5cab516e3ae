import { isSatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import { bookedFigures } from './booked-figures.js';
import { lookUpRecord } from './look-up.js';
import { type HeldPayment, holdPayment, listRecords } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';

/** What can be said of a payment: by the wallet, and by what is written down of how often it was sent. */
export type Finding =
  | { readonly state: 'settled'; readonly amountMsat: number; readonly feeMsat: number }
  | { readonly state: 'failed'; readonly detail: string }
  /** A person ended it by hand; nobody knows. */
  | { readonly state: 'endedByHand'; readonly detail: string }
  /** It may have gone out, or may still go out. */
  | { readonly state: 'inFlight' | 'notFound' | 'unknown'; readonly detail: string };

/**
 * Finds out what became of a payment, and writes it down where it was sent from here. Never pays.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where another process is paying it now; `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_FAILED`; what the wallet's
 * look-up throws.
 */
export async function findPayment(
  wallet: Pick<InvoicePayer, 'identity' | 'lookUp'>,
  paymentHashHex: string,
  folder: string,
): Promise<Finding> {
  // A look-up of what was never sent from here leaves nothing behind.
  if (!listRecords(folder).includes(paymentHashHex)) return describeForeign(await wallet.lookUp(paymentHashHex));
  const held = holdUnlessDamaged(folder, paymentHashHex);
  if (held === null) return describeDoubtful(await wallet.lookUp(paymentHashHex));
  try {
    return await findHeld(wallet, paymentHashHex, held);
  } finally {
    held.release();
  }
}

/** `null` where the record cannot be read: the wallet can be asked all the same. */
function holdUnlessDamaged(folder: string, paymentHashHex: string): HeldPayment | null {
  try {
    return holdPayment(folder, paymentHashHex);
  } catch (error) {
    if (isSatwayError(error, 'PAYMENT_UNKNOWN')) return null;
    throw error;
  }
}

async function findHeld(
  wallet: Pick<InvoicePayer, 'identity' | 'lookUp'>,
  paymentHashHex: string,
  held: HeldPayment,
): Promise<Finding> {
  if (held.record === null) return describeForeign(await wallet.lookUp(paymentHashHex));
  if (held.record.state === 'settled') return settledOnDisk(held.record);
  if (held.record.walletIdentity !== wallet.identity) {
    return describeKnown(held.record, await wallet.lookUp(paymentHashHex));
  }
  const { found, record } = await lookUpRecord(wallet, held.record);
  held.write(record);
  return describeKnown(record, found);
}

/** No wallet can say otherwise any more. */
export function settledOnDisk({ amountMsat, feeMsat, feeLimitMsat }: PaymentRecord): Finding {
  return { state: 'settled', amountMsat, feeMsat: feeMsat ?? feeLimitMsat };
}

function describeKnown(record: PaymentRecord, found: PaymentLookUp): Finding {
  if (found.state === 'settled') return describe(found, record);
  if (record.decision !== null) return { state: 'endedByHand', detail: record.decision };
  if (record.state !== 'failed') return describeDoubtful(found);
  if (found.state !== 'notFound') return describe(found);
  return { state: 'failed', detail: 'It failed, and the wallet has no record of it.' };
}

/** Of what was never sent from here, nothing is known to be due. */
const NOTHING_DUE = { amountMsat: 0, feeLimitMsat: 0 };

function describe(found: PaymentLookUp, due: Parameters<typeof bookedFigures>[1] = NOTHING_DUE): Finding {
  switch (found.state) {
    case 'settled': {
      const { amountMsat, feeMsat } = bookedFigures(found, due);
      return { state: 'settled', amountMsat, feeMsat };
    }
    case 'failed':
      return { state: 'failed', detail: found.detail };
    case 'inFlight':
      return { state: 'inFlight', detail: 'It may still settle or fail.' };
    case 'notFound':
      return { state: 'notFound', detail: 'The wallet has no record of it.' };
  }
}

/** Of what was not sent from here, a record that may be one of several requests says nothing of the others. */
function describeForeign(found: PaymentLookUp): Finding {
  if (found.state !== 'failed' || found.mayBeOfAnother !== true) return describe(found);
  return {
    state: 'unknown',
    detail: `${found.detail} It was not sent from here, and another request for it may still be paid.`,
  };
}

/** A failure proves nothing where another request may still lie before the wallet. */
function describeDoubtful(found: PaymentLookUp): Finding {
  if (found.state !== 'failed') return describe(found);
  return { state: 'unknown', detail: `${found.detail} Another request for it may still lie before the wallet.` };
}
