import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import { bookedFigures } from './booked-figures.js';
import type { PaymentRecord } from './payment-record.js';

/** After an invoice's expiry by the wallet's clock, so long a request may still lie in its socket. */
const EXPIRY_MARGIN_MS = 60_000;

/** What a look-up shows, and the record with that in it. */
export interface LookedUp {
  readonly record: PaymentRecord;
  readonly found: PaymentLookUp;
}

/** Asks the wallet about a payment that was sent from here. Never pays. @throws {SatwayError} what the wallet's look-up throws. */
export async function lookUpRecord(payer: Pick<InvoicePayer, 'lookUp'>, record: PaymentRecord): Promise<LookedUp> {
  const found = await payer.lookUp(record.paymentHashHex);
  return { found, record: withFinding(record, found) };
}

/** What was written down as settled stays so: a wallet's records can be deleted, and its money is gone all the same. */
function withFinding(record: PaymentRecord, found: PaymentLookUp): PaymentRecord {
  if (record.state === 'settled') return record;
  if (found.state === 'settled') return asSettled(record, bookedFigures(found, record).feeMsat);
  if (record.state === 'writtenOff' || record.state === 'released') return record;
  switch (found.state) {
    case 'inFlight':
      return asOpen(record);
    case 'failed':
      return provesOurFailure(record, found) ? asFailed(record) : { ...record, seenInFlight: true };
    case 'notFound':
      return !record.seenInFlight && isOver(record, found.walletNowMs) ? asFailed(record) : record;
  }
}

/**
 * As of a purchase: it does once the wallet has taken up every request of ours, and once the invoice is over. Else another may still lie in the wallet's socket, and this
 * be the record of an older one, or, at a wallet that keeps the newest alone, of any other program's.
 */
function provesOurFailure(
  record: PaymentRecord,
  { walletNowMs, mayBeOfAnother = false }: Extract<PaymentLookUp, { state: 'failed' }>,
): boolean {
  const isOurs = record.totalSends <= 1 && !mayBeOfAnother;
  return record.openSends === 0 || isOurs || isOver(record, walletNowMs);
}

export function asSettled(record: PaymentRecord, feeMsat: number): PaymentRecord {
  return { ...record, state: 'settled', openSends: 0, feeMsat };
}

/** Ended for certain: no request is alive any more. How many there were is not forgotten. */
export function asFailed(record: PaymentRecord): PaymentRecord {
  return { ...record, state: 'failed', openSends: 0 };
}

/** A wallet that has in flight what had failed was handed it by somebody else, or it was none of our requests that failed. */
function asOpen(record: PaymentRecord): PaymentRecord {
  const strange = record.state === 'failed' ? 1 : 0;
  return {
    ...record,
    state: 'sending',
    seenInFlight: true,
    openSends: record.openSends + strange,
    totalSends: record.totalSends + strange,
  };
}

/** Whether the wallet will refuse every request for this invoice from now on. */
function isOver({ invoiceExpiresAtMs }: PaymentRecord, walletNowMs: number | null): boolean {
  return walletNowMs !== null && walletNowMs > invoiceExpiresAtMs + EXPIRY_MARGIN_MS;
}
