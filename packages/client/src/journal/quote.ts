import { integer, text, textOrNull } from '../store/row.js';
import { credentialPlace } from '../vault/seal-credentials.js';
import type { SqlRow } from '../store/database.js';
import { fundsMovedFor } from './funds-moved.js';
import { isDecidedFailure, type PurchaseState, type Quote } from './purchase.js';
import type { StepResult } from './purchase-journal.js';
import type { JournalParts } from './journal-parts.js';

/** Writes a quote as a new purchase, or over one of the same thing whose payment failed for good. Runs inside a transaction. */
export function insertQuote(parts: JournalParts, quote: Quote): StepResult<string> {
  const { database } = parts;
  if (database.get('SELECT 1 FROM stopped_origins WHERE origin = ?', quote.origin) !== undefined) {
    return { ok: false, code: 'SELLER_STOPPED' };
  }
  const sameHash = database.get(
    'SELECT purchase_id, state, wallet_id, origin, method, url, body_sha256_hex, failure FROM purchases WHERE payment_hash_hex = ?',
    quote.paymentHashHex,
  );
  if (sameHash !== undefined && !mayBeQuotedAgain(sameHash, quote)) return hashReused(sameHash);
  if (isImported(parts, quote)) return { ok: false, code: 'PAYMENT_HASH_REUSED' };
  if (hasPurchase(parts, quote)) return { ok: false, code: 'PURCHASE_UNDER_WAY' };
  if (quote.keyGiven && isOfOtherWallet(parts, quote)) return { ok: false, code: 'PURCHASE_OF_OTHER_WALLET' };
  if (sameHash === undefined) return { ok: true, value: insertPurchase(parts, quote) };
  return { ok: true, value: reopenPurchase(parts, text(sameHash, 'purchase_id'), quote) };
}

/** That nothing was paid for this call says nothing of the hash. */
function hashReused(row: SqlRow): StepResult<string> {
  const other = { state: text(row, 'state') as PurchaseState, failure: textOrNull(row, 'failure') };
  return { ok: false, code: 'PAYMENT_HASH_REUSED', fundsMoved: fundsMovedFor(other) };
}

/**
 * A seller offers an open invoice again to the same caller, so a hash may come back; paying it again is right only when
 * it is proven that it was not paid and the credential goes where it was meant to go.
 */
function mayBeQuotedAgain(row: SqlRow, quote: Quote): boolean {
  return (
    text(row, 'state') === 'failed' &&
    !isDecidedFailure(textOrNull(row, 'failure')) &&
    text(row, 'wallet_id') === quote.walletId &&
    text(row, 'origin') === quote.origin &&
    text(row, 'method') === quote.method &&
    text(row, 'url') === quote.url &&
    text(row, 'body_sha256_hex') === quote.bodySha256Hex
  );
}

/** Another program paid this very invoice, and its credential is here. */
function isImported({ database }: JournalParts, { paymentHashHex }: Quote): boolean {
  return (
    database.get(
      'SELECT 1 FROM credentials WHERE payment_hash_hex = ? AND imported_at_ms IS NOT NULL',
      paymentHashHex,
    ) !== undefined
  );
}

function hasPurchase({ database }: JournalParts, { walletId, idempotencyKey }: Quote): boolean {
  const row = database.get(
    `SELECT COUNT(*) AS n FROM purchases WHERE wallet_id = ? AND idempotency_key = ? AND state <> 'failed'`,
    walletId,
    idempotencyKey,
  );
  return row !== undefined && integer(row, 'n') > 0;
}

/** A key that a caller gave names one call, whatever wallet pays for it; the keys that we make are never the same. */
function isOfOtherWallet({ database }: JournalParts, { walletId, idempotencyKey }: Quote): boolean {
  const row = database.get(
    `SELECT 1 FROM purchases WHERE idempotency_key = ? AND key_given = 1 AND wallet_id <> ? AND state <> 'failed'`,
    idempotencyKey,
    walletId,
  );
  return row !== undefined;
}

function insertPurchase(parts: JournalParts, quote: Quote): string {
  const { database, owner, nowMs, newId } = parts;
  const purchaseId = newId();
  const now = nowMs();
  database.run(
    `INSERT INTO purchases (purchase_id, state, owner_id, wallet_id, budget_id, idempotency_key, key_given, method, url, body_sha256_hex,
       origin, target_method, target_url, scope, payment_hash_hex, invoice, amount_msat, invoice_expires_at_ms, created_at_ms, updated_at_ms)
     VALUES (?, 'quoted', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    purchaseId,
    owner.ownerId,
    quote.walletId,
    quote.budgetId,
    quote.idempotencyKey,
    quote.keyGiven ? 1 : 0,
    quote.method,
    quote.url,
    quote.bodySha256Hex,
    quote.origin,
    quote.targetMethod,
    quote.targetUrl,
    quote.scope,
    quote.paymentHashHex,
    quote.invoice,
    quote.amountMsat,
    quote.invoiceExpiresAtMs,
    now,
    now,
  );
  keepUnpaid(parts, purchaseId, quote);
  return purchaseId;
}

function reopenPurchase(parts: JournalParts, purchaseId: string, quote: Quote): string {
  const { database, owner, nowMs } = parts;
  database.run(
    `UPDATE purchases SET state = 'quoted', owner_id = ?, budget_id = ?, idempotency_key = ?, key_given = ?, target_method = ?, target_url = ?,
       scope = ?, invoice = ?, amount_msat = ?, invoice_expires_at_ms = ?, failure = NULL, updated_at_ms = ? WHERE purchase_id = ?`,

    owner.ownerId,
    quote.budgetId,
    quote.idempotencyKey,
    quote.keyGiven ? 1 : 0,
    quote.targetMethod,
    quote.targetUrl,
    quote.scope,
    quote.invoice,
    quote.amountMsat,
    quote.invoiceExpiresAtMs,
    nowMs(),
    purchaseId,
  );
  keepUnpaid(parts, purchaseId, quote);
  return purchaseId;
}

/** One that was refused before lost its credential then. */
function keepUnpaid(parts: JournalParts, purchaseId: string, quote: Quote): void {
  parts.database.run(
    `INSERT INTO credentials (purchase_id, wallet_id, origin, scope, state, uses_total, expires_at_ms, payment_hash_hex, macaroon_sealed)
     VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?) ON CONFLICT (purchase_id) DO UPDATE SET scope = excluded.scope,
       uses_total = excluded.uses_total, expires_at_ms = excluded.expires_at_ms, macaroon_sealed = excluded.macaroon_sealed`,
    purchaseId,
    quote.walletId,
    quote.origin,
    quote.scope,
    quote.usesTotal,
    quote.credentialExpiresAtMs,
    quote.paymentHashHex,
    sealMacaroon(parts, purchaseId, quote),
  );
}

/** Before the wallet is asked: what cannot be kept safely is not paid for. */
function sealMacaroon({ vault }: JournalParts, purchaseId: string, quote: Quote): string {
  const { origin, paymentHashHex, macaroonText } = quote;
  return vault.seal(credentialPlace({ purchaseId, origin, paymentHashHex }, 'macaroon_sealed'), macaroonText);
}
