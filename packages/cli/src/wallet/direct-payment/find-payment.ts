import { readdirSync } from 'node:fs';
import { isSatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import { lookUpRecord } from './look-up.js';
import { type HeldPayment, holdPayment } from './payment-folder.js';

/** What can be said of a payment: by the wallet, and by what is written down of how often it was sent. */
export type Finding =
  | { readonly state: 'settled'; readonly amountMsat: number; readonly feeMsat: number }
  | { readonly state: 'failed'; readonly detail: string }
  /** It may have gone out, or may still go out. */
  | { readonly state: 'inFlight' | 'notFound' | 'unknown'; readonly detail: string };

/**
 * Finds out what became of a payment, and writes it down where it was sent from here. Never pays.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where another process is paying it now; what the wallet's look-up throws.
 */
export async function findPayment(wallet: InvoicePayer, paymentHashHex: string, folder: string): Promise<Finding> {
  // A look-up of what was never sent from here leaves nothing behind.
  if (!paymentsOnRecord(folder).includes(paymentHashHex)) return describe(await wallet.lookUp(paymentHashHex));
  const held = holdUnlessDamaged(folder, paymentHashHex);
  if (held === null) return describeDoubtful(await wallet.lookUp(paymentHashHex));
  try {
    return await findHeld(wallet, paymentHashHex, held);
  } finally {
    held.release();
  }
}

/** The payment hashes of what was ever sent from here, whatever became of it. */
export function paymentsOnRecord(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => /^([0-9a-f]{64})\.json$/.exec(file)?.[1] ?? []);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
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

async function findHeld(wallet: InvoicePayer, paymentHashHex: string, held: HeldPayment): Promise<Finding> {
  if (held.record === null) return describe(await wallet.lookUp(paymentHashHex));
  if (held.record.walletIdentity !== wallet.identity) return describeDoubtful(await wallet.lookUp(paymentHashHex));
  const { found, record } = await lookUpRecord(wallet, held.record);
  held.write(record);
  if (record.state === 'failed' && found.state === 'notFound') {
    return { state: 'failed', detail: 'The wallet never saw the payment, and can no longer make it.' };
  }
  return record.state === 'failed' ? describe(found) : describeDoubtful(found);
}

function describe(found: PaymentLookUp): Finding {
  switch (found.state) {
    case 'settled':
      return { state: 'settled', amountMsat: found.amountMsat, feeMsat: found.feeMsat };
    case 'failed':
      return { state: 'failed', detail: found.detail };
    case 'inFlight':
      return { state: 'inFlight', detail: 'It may still settle or fail.' };
    case 'notFound':
      return { state: 'notFound', detail: 'The wallet has no record of it.' };
  }
}

/** A failure proves nothing where another request may still lie before the wallet. */
function describeDoubtful(found: PaymentLookUp): Finding {
  if (found.state !== 'failed') return describe(found);
  return { state: 'unknown', detail: `${found.detail} Another request for it may still lie before the wallet.` };
}
