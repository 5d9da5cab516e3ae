import { PAYMENT_OUTCOMES } from '@satway/protocol';
import { type SqlRow } from '../store/database.js';
import { integer, integerOrNull, text, textOrNull } from '../store/row.js';

/**
 * Where a purchase stands. Each state is on disk before the next step begins:
 *
 *     quoted → reserved → sending → settled → redeeming → redeemed
 *                           ├→ failed (reservation released; settled after all where the wallet proves it later)
 *                           └→ unknown (reservation kept, looked up until it is one or the other)
 */
export type PurchaseState =
  | 'quoted'
  | 'reserved'
  | 'sending'
  | 'unknown'
  | 'settled'
  | 'redeeming'
  | 'redeemed'
  | 'failed';

/** What stands as failure where a person decided: nothing proves that the payment failed, so its invoice is never paid again. */
export type DecidedFailure = 'written_off' | 'released';

/** What stands as outcome where the credential was given to somebody else, unused. */
export const HANDED_OVER = 'handed_over';

export function isDecidedFailure(failure: string | null): failure is DecidedFailure {
  return failure === 'written_off' || failure === 'released';
}

/** What makes two calls calls of the same thing: a credential that was paid for one can serve the other after a crash. */
export interface CalledThing {
  readonly walletId: string;
  readonly method: string;
  /** As the caller asked, without fragment. */
  readonly url: string;
  readonly bodySha256Hex: string;
}

/** What is written down before anything else: the call, the verified offer, and who will pay. */
export interface Quote extends CalledThing {
  readonly budgetId: string;
  readonly idempotencyKey: string;
  /** True when the caller chose the key, so that it names one logical call. */
  readonly keyGiven: boolean;
  /** Where the 402 came from, after redirects: the only origin that ever sees the credential. */
  readonly origin: string;
  readonly targetMethod: string;
  readonly targetUrl: string;
  readonly scope: string;
  readonly paymentHashHex: string;
  readonly invoice: string;
  readonly amountMsat: number;
  readonly invoiceExpiresAtMs: number;
  readonly macaroonText: string;
  /** How many calls the credential says it buys; `null` where it does not say. */
  readonly usesTotal: number | null;
  readonly credentialExpiresAtMs: number | null;
}

/** One row of the journal, without its secrets. */
export interface Purchase extends Omit<Quote, 'macaroonText' | 'usesTotal' | 'credentialExpiresAtMs'> {
  readonly purchaseId: string;
  readonly state: PurchaseState;
  /** The opened store that has it in hand; `null` when nobody has. */
  readonly ownerId: string | null;
  /** What is reserved for fees at most. */
  readonly feeCeilingMsat: number;
  /** What was paid in fees, once settled. */
  readonly feeMsat: number | null;
  /** How often the invoice was handed to the wallet, over all attempts. */
  readonly sendCount: number;
  /** How many of those the wallet may not have looked at yet: 0 once it has taken up each, or the payment failed for good. */
  readonly openSendings: number;
  readonly seenInFlight: boolean;
  readonly failure: string | null;
  /** What the seller said when the credential was redeemed, in the words of the wire format or as `other`; or why it was given up. */
  readonly outcome: string | null;
  /** When the payment was known to be settled; `null` before. */
  readonly paidAtMs: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const PURCHASE_COLUMNS = `purchase_id, state, owner_id, wallet_id, budget_id, idempotency_key, key_given, method, url,
  body_sha256_hex, origin, target_method, target_url, scope, payment_hash_hex, invoice, amount_msat, invoice_expires_at_ms,
  fee_ceiling_msat, fee_msat, send_count, open_sendings, seen_in_flight, failure, outcome, paid_at_ms, created_at_ms, updated_at_ms`;

export function purchaseFromRow(row: SqlRow): Purchase {
  const state = text(row, 'state') as PurchaseState;
  return {
    purchaseId: text(row, 'purchase_id'),
    state,
    ownerId: textOrNull(row, 'owner_id'),
    ...callFromRow(row),
    ...offerFromRow(row),
    feeCeilingMsat: integer(row, 'fee_ceiling_msat'),
    feeMsat: integerOrNull(row, 'fee_msat'),
    sendCount: integer(row, 'send_count'),
    openSendings: integer(row, 'open_sendings'),
    seenInFlight: integer(row, 'seen_in_flight') === 1,
    failure: textOrNull(row, 'failure'),
    outcome: toldOutcome(state, textOrNull(row, 'outcome')),
    paidAtMs: integerOrNull(row, 'paid_at_ms'),
    createdAtMs: integer(row, 'created_at_ms'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}

/** What this side writes down as the end of a redemption; everything else is a seller's word. */
export const OWN_OUTCOMES = {
  refused: 'refused',
  handedOver: HANDED_OVER,
  expiredUnused: 'expired unused',
  givenUp: 'given up by a person',
} as const;

const TOLD_OUTCOMES: ReadonlySet<string> = new Set([
  ...PAYMENT_OUTCOMES,
  'other',
  'answered',
  ...Object.values(OWN_OUTCOMES),
]);

/**
 * The outcome of a row as it may be shown. Where a purchase is redeemed, rows of earlier versions have a seller's words as they came: a credential that it was
 * sent may be in them. In every other state it is a person's decision.
 */
function toldOutcome(state: PurchaseState, outcome: string | null): string | null {
  return state !== 'redeemed' || outcome === null || TOLD_OUTCOMES.has(outcome) ? outcome : 'other';
}

function callFromRow(row: SqlRow) {
  return {
    walletId: text(row, 'wallet_id'),
    budgetId: text(row, 'budget_id'),
    idempotencyKey: text(row, 'idempotency_key'),
    keyGiven: integer(row, 'key_given') === 1,
    method: text(row, 'method'),
    url: text(row, 'url'),
    bodySha256Hex: text(row, 'body_sha256_hex'),
  };
}

function offerFromRow(row: SqlRow) {
  return {
    origin: text(row, 'origin'),
    targetMethod: text(row, 'target_method'),
    targetUrl: text(row, 'target_url'),
    scope: text(row, 'scope'),
    paymentHashHex: text(row, 'payment_hash_hex'),
    invoice: text(row, 'invoice'),
    amountMsat: integer(row, 'amount_msat'),
    invoiceExpiresAtMs: integer(row, 'invoice_expires_at_ms'),
  };
}
