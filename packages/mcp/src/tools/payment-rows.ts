import { redactText } from '@satway/base';
import type { Purchase } from '@satway/client';
import { z } from 'zod';
import { formatSats, oneLine, quoted } from '../output/index.js';

const msat = z.number().int().nonnegative();

/** A payment as tools and resources show it. No secret is among it. */
export const PAYMENT_ROW = z.object({
  paymentId: z.string().describe('The payment hash.'),
  state: z.enum(['quoted', 'reserved', 'sending', 'unknown', 'settled', 'redeeming', 'redeemed', 'failed']),
  method: z.string(),
  url: z.string(),
  host: z.string().describe('Who was paid.'),
  amountMsat: msat,
  feeMsat: msat.nullable().describe('null until it is settled.'),
  createdAt: z.string(),
  updatedAt: z.string(),
  outcome: z.string().nullable(),
  failure: z.string().nullable(),
});

export type PaymentRow = z.infer<typeof PAYMENT_ROW>;

export function paymentRow(purchase: Purchase): PaymentRow {
  return {
    paymentId: purchase.paymentHashHex,
    state: purchase.state,
    method: purchase.method,
    url: purchase.url,
    host: new URL(purchase.origin).host,
    amountMsat: purchase.amountMsat,
    feeMsat: purchase.feeMsat,
    createdAt: new Date(purchase.createdAtMs).toISOString(),
    updatedAt: new Date(purchase.updatedAtMs).toISOString(),
    outcome: wordOf(purchase.outcome),
    failure: textOf(purchase.failure),
  };
}

/** A seller names it, so only what looks like a name goes on. */
function wordOf(outcome: string | null): string | null {
  return outcome === null || /^[a-z][a-z_ ]{0,39}$/.test(outcome) ? outcome : 'other';
}

/** A wallet has a say in it. */
function textOf(text: string | null): string | null {
  return text === null ? null : oneLine(redactText(text).slice(0, 300));
}

/** Whether money left the wallet for it, as far as is known. */
export function isPaid({ state }: Pick<PaymentRow, 'state'>): boolean {
  return state === 'settled' || state === 'redeeming' || state === 'redeemed';
}

/** What is held back for it, fees included, while nobody knows whether it went through. */
export function heldMsat({ state, amountMsat, feeCeilingMsat }: Purchase): number {
  return state === 'sending' || state === 'unknown' ? amountMsat + feeCeilingMsat : 0;
}

export function describePayment(row: PaymentRow): string {
  const fee = row.feeMsat === null ? '' : ` and ${formatSats(row.feeMsat)} in fees`;
  const why = row.failure === null ? '' : `: ${quoted(row.failure)}`;
  return `${row.createdAt}  ${row.state}  ${formatSats(row.amountMsat)}${fee}  ${row.method} ${quoted(row.url, 120)}  ${row.paymentId}${why}`;
}
