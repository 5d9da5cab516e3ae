import { SatwayError } from '@satway/base';
import { type BitcoinNetwork, checkOffer, decodeInvoice, type DecodedInvoice, msatFromDecoded } from '@satway/protocol';
import { formatMsat } from '../amounts.js';
import { plainText } from '../output/index.js';

/** An invoice that somebody asks to pay; all of it is read from the invoice, signature checked. */
export interface Bill {
  readonly invoice: string;
  readonly decoded: DecodedInvoice;
  readonly paymentHashHex: string;
  readonly amountMsat: number;
}

/**
 * Reads an invoice as people paste it, `lightning:` in front or not.
 *
 * @throws {SatwayError} the codes of `decodeInvoice`, `INVOICE_AMOUNTLESS`, `AMOUNT_OUT_OF_RANGE`. Funds moved: no.
 */
export function readBill(text: string): Bill {
  const invoice = text
    .trim()
    .replace(/^lightning:/i, '')
    .toLowerCase();
  const decoded = decodeInvoice(invoice);
  if (!decoded.ok) throw new SatwayError(decoded.code, { detail: decoded.detail });
  const { amountMsat, paymentHashHex } = decoded.value;
  if (amountMsat === null)
    throw new SatwayError('INVOICE_AMOUNTLESS', { detail: 'The payer would choose what to pay.' });
  const amount = msatFromDecoded(amountMsat);
  if (!amount.ok) throw new SatwayError(amount.code, { detail: amount.detail });
  return { invoice, decoded: decoded.value, paymentHashHex, amountMsat: amount.value };
}

/** What an invoice must be besides well-formed. @throws {SatwayError} `INVOICE_OTHER_NETWORK`, `INVOICE_EXPIRED`, `INVOICE_FINAL_CLTV_TOO_LARGE`. */
export function checkBill({ decoded }: Bill, network: BitcoinNetwork, nowMs: number): void {
  const checked = checkOffer({ macaroonText: '', invoice: decoded, network, nowMs, advertisedMsat: null });
  if (!checked.ok) throw new SatwayError(checked.code, { detail: checked.detail });
}

/** What a person reads before saying yes. A stranger wrote the description: what could move the cursor is taken out. */
export function describeBill({ decoded, amountMsat, paymentHashHex }: Bill): string[] {
  return [
    `Amount       ${formatMsat(amountMsat)} (${decoded.network})`,
    `Payee        ${decoded.payeeHex}`,
    `Description  ${decoded.description === null ? 'none, only its hash' : plainText(decoded.description)}`,
    `Expires      ${new Date(decoded.expiresAtMs).toISOString()}`,
    `Hash         ${paymentHashHex}`,
  ];
}
