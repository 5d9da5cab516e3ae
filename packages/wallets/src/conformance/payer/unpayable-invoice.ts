import { randomBytes } from 'node:crypto';
import { type BitcoinNetwork, bytesToHex, encodeInvoice } from '@satway/protocol';
import type { InvoiceToPay } from './payer-subject.js';

/** Of an invoice that nobody can be paid by. */
interface Unpayable {
  readonly network: BitcoinNetwork;
  readonly amountMsat: number;
  /** An invoice without an amount, though `amountMsat` is what the caller says. */
  readonly amountless?: boolean;
  /** Signed so long ago; past its expiry of 10 minutes when more. */
  readonly ageSeconds?: number;
}

const EXPIRY_SECONDS = 600;

/**
 * A well-formed invoice of a payee that does not exist, with a payment hash of which nobody knows the preimage: no wallet can ever pay it,
 * so that whatever it answers costs nothing.
 */
export function unpayableInvoice({ network, amountMsat, amountless = false, ageSeconds = 0 }: Unpayable): InvoiceToPay {
  const paymentHashHex = bytesToHex(randomBytes(32));
  const invoice = encodeInvoice(
    {
      network,
      amountMsat: amountless ? null : BigInt(amountMsat),
      timestampSeconds: Math.floor(Date.now() / 1000) - ageSeconds,
      paymentHashHex,
      paymentSecretHex: bytesToHex(randomBytes(32)),
      description: 'to nobody',
      expirySeconds: EXPIRY_SECONDS,
    },
    randomBytes(32),
  );
  return { invoice, paymentHashHex, amountMsat };
}
