import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
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

function withFinding(record: PaymentRecord, found: PaymentLookUp): PaymentRecord {
  switch (found.state) {
    case 'settled':
      return { ...record, state: 'settled', feeMsat: found.feeMsat };
    case 'inFlight':
      return { ...record, seenInFlight: true };
    case 'failed':
      // Of several requests another may still lie in the wallet's socket.
      return isOver(record, found.walletNowMs) || record.sends <= 1 ? asFailed(record) : record;
    case 'notFound':
      return !record.seenInFlight && isOver(record, found.walletNowMs) ? asFailed(record) : record;
  }
}

/** Ended for certain: the next request is the only one again. */
export function asFailed(record: PaymentRecord): PaymentRecord {
  return { ...record, state: 'failed', sends: 0 };
}

/** Whether the wallet will refuse every request for this invoice from now on. */
function isOver({ invoiceExpiresAtMs }: PaymentRecord, walletNowMs: number | null): boolean {
  return walletNowMs !== null && walletNowMs > invoiceExpiresAtMs + EXPIRY_MARGIN_MS;
}
