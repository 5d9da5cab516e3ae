import { SatwayError } from '@satway/base';
import { decodeInvoice, type Receipt, receiptDigest } from '@satway/protocol';
import type { Purchase, PurchaseQuery } from '../journal/index.js';
import type { PurchaseStore } from '../store/index.js';

/** Which receipts are meant; all where nothing is said. */
export interface ReceiptQuery {
  /** Paid at this moment or later, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Paid before this moment. */
  readonly untilMs?: number;
  readonly host?: string;
  /** With the preimages, which prove the payments, and let whoever has them claim to have paid. Default: without. */
  readonly withPreimages?: boolean;
}

const PAGE = 500;

/**
 * A receipt of every payment that is known to be settled, the purchase that was begun last first. Never a macaroon, and no query of an address.
 *
 * @throws {SatwayError} `PURCHASE_STORE_FAILED`.
 */
export function* collectReceipts(store: PurchaseStore, query: ReceiptQuery = {}): Generator<Receipt> {
  const { untilMs = Number.POSITIVE_INFINITY, withPreimages = false } = query;
  let after: Purchase | undefined;
  do {
    const page = store.journal.search({ ...queryOf(query), ...(after === undefined ? {} : { after }) });
    for (const purchase of page) {
      if ((purchase.paidAtMs ?? untilMs) < untilMs) yield receiptOf(store, purchase, withPreimages);
    }
    after = page.at(-1);
  } while (after !== undefined);
}

function queryOf({ sinceMs = 0, host }: ReceiptQuery): PurchaseQuery {
  // Who has a time of payment is paid, whatever became of the call.
  return { paidSinceMs: sinceMs, limit: PAGE, ...(host === undefined ? {} : { host }) };
}

function receiptOf(store: PurchaseStore, purchase: Purchase, withPreimages: boolean): Receipt {
  const { purchaseId, method, url, paymentHashHex, amountMsat, outcome, budgetId, invoice } = purchase;
  const feeMsat = purchase.feeMsat ?? 0;
  const decoded = decodeInvoice(invoice);
  if (!decoded.ok)
    throw new SatwayError('PURCHASE_STORE_FAILED', { detail: `The invoice of ${purchaseId} is damaged.` });
  const { payeeHex, network, description } = decoded.value;
  const facts = {
    purchaseId,
    paidAt: new Date(purchase.paidAtMs ?? 0).toISOString(),
    method,
    url: withoutQuery(url),
    payee: payeeHex,
    network,
    paymentHash: paymentHashHex,
    amountMsat,
    feeMsat,
    totalMsat: amountMsat + feeMsat,
    description: description === '' ? null : description,
    outcome: outcome === '' ? null : outcome,
    budget: budgetId,
    invoice,
  };
  const preimage = withPreimages ? (store.credentials.ofPurchase(purchaseId)?.preimageHex ?? null) : null;
  return { ...facts, preimage, digest: receiptDigest(facts) };
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
