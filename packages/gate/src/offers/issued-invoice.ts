import { SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { type BitcoinNetwork, findTimeFault, type InvoiceRequest, type IssuedInvoice } from '@satway/wallets';

/** What of a wallet's invoice a challenge needs, read from the invoice itself. */
export interface CheckedInvoice {
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly expiresAtMs: number;
}

/**
 * Reads the wallet's invoice and holds it against what was asked for: a wrong wallet must not sell at another price or under a hash that
 * opens something else. The signer is not recovered: the wallet is our own. Another expiry than the one that was asked for is none of it: the credential is made to outlive the
 * invoice.
 *
 * @throws {SatwayError} `INVOICE_NOT_AS_ASKED`; `WALLET_CLOCK_OFF` and `WALLET_ANSWER_INVALID` where the wallet's times are such that nobody can sell by them. Funds moved: no.
 */
export function checkIssuedInvoice(
  issued: IssuedInvoice,
  asked: InvoiceRequest,
  network: BitcoinNetwork | null,
  nowMs: number,
  hasSeen: (paymentHashHex: string) => boolean,
): CheckedInvoice {
  const decoded = readOwnInvoice(issued.invoice);
  if (!decoded.ok) throw notAsAsked(`it cannot be read: ${decoded.code}`);
  const { amountMsat, paymentHashHex, expiresAtMs, timestampSeconds } = decoded.value;
  if (amountMsat !== BigInt(asked.amountMsat)) throw notAsAsked('another amount');
  if (paymentHashHex !== issued.paymentHashHex) throw notAsAsked('another payment hash than the wallet says');
  if (network !== null && decoded.value.network !== network) throw notAsAsked('another network than the wallet says');
  if (hasSeen(paymentHashHex)) throw notAsAsked('a payment hash that was offered before');
  const timeFault = findTimeFault({ createdAtMs: timestampSeconds * 1_000, expiresAtMs }, asked, nowMs);
  if (timeFault !== null) throw timeFault;
  return { invoice: issued.invoice, paymentHashHex, expiresAtMs };
}

function notAsAsked(detail: string): SatwayError {
  return new SatwayError('INVOICE_NOT_AS_ASKED', { detail });
}
