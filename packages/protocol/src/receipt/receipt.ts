import { isHex64, sha256Hex } from '../bytes/index.js';
import type { BitcoinNetwork } from '../network.js';
import { ok, type Result, refuse } from '../result.js';

/**
 * What was bought, when, and for how much, as it stands in a file of receipts. Only what the invoice says, and the preimage, can be proven to somebody else;
 * the rest is what the buyer wrote down.
 */
export interface Receipt {
  readonly purchaseId: string;
  /** ISO 8601, UTC, with milliseconds: when the payment was known to be settled. */
  readonly paidAt: string;
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** The node that was paid: 66 hex digits, of the invoice's signature. */
  readonly payee: string;
  readonly network: BitcoinNetwork;
  readonly paymentHash: string;
  /** What the invoice asked for. */
  readonly amountMsat: number;
  readonly feeMsat: number;
  /** The two together. */
  readonly totalMsat: number;
  /** The invoice's; `null` where it has none. */
  readonly description: string | null;
  /** What the seller said of the money. */
  readonly outcome: string | null;
  readonly budget: string;
  readonly invoice: string;
  /** The proof of payment, 64 hex digits; `null` where the receipt was exported without. */
  readonly preimage: string | null;
  /** SHA-256 over the other fields but the preimage, so that a slip of the hand is found. Whoever means it can make a new one. */
  readonly digest: string;
}

/** The fields in the order in which files have them. */
export const RECEIPT_FIELDS = [
  'purchaseId',
  'paidAt',
  'method',
  'url',
  'payee',
  'network',
  'paymentHash',
  'amountMsat',
  'feeMsat',
  'totalMsat',
  'description',
  'outcome',
  'budget',
  'invoice',
  'preimage',
  'digest',
] as const satisfies readonly (keyof Receipt)[];

/** What the digest begins with, so that it is one of nothing else. */
const DIGEST_TAG = 'satway-receipt/1';

/** SHA-256 of the JSON array of the tag and every field but `preimage` and `digest`, in the order of `RECEIPT_FIELDS`. Hex. */
export function receiptDigest(receipt: Omit<Receipt, 'digest' | 'preimage'>): string {
  const signed = RECEIPT_FIELDS.filter((field) => field !== 'digest' && field !== 'preimage');
  return sha256Hex(JSON.stringify([DIGEST_TAG, ...signed.map((field) => receipt[field])]));
}

const NETWORKS: readonly string[] = ['bitcoin', 'testnet', 'signet', 'regtest'] satisfies BitcoinNetwork[];
const OPTIONAL: ReadonlySet<string> = new Set(['description', 'outcome', 'preimage']);
const AMOUNTS: ReadonlySet<string> = new Set(['amountMsat', 'feeMsat', 'totalMsat']);
const FORMS: Readonly<Record<string, (text: string) => boolean>> = {
  paidAt: isMoment,
  payee: (text) => /^0[23][0-9a-f]{64}$/.test(text),
  network: (text) => NETWORKS.includes(text),
  paymentHash: isHex64,
  preimage: isHex64,
  digest: isHex64,
};

/** Reads one receipt of a file: every field, each of its kind, and no other. Code of a refusal: `RECEIPT_INVALID`. */
export function readReceipt(value: unknown): Result<Receipt> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('It is no object.');
  const given = new Map<string, unknown>(Object.entries(value));
  for (const field of RECEIPT_FIELDS) {
    if (!isFieldGood(field, given.get(field))) return invalid(`Field ${field} is missing or cannot be read.`);
    given.delete(field);
  }
  if (given.size > 0) return invalid('It has fields that no receipt has.');
  return ok(value as Receipt);
}

function isFieldGood(field: string, value: unknown): boolean {
  if (AMOUNTS.has(field)) return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (value === null) return OPTIONAL.has(field);
  return typeof value === 'string' && (FORMS[field]?.(value) ?? true);
}

function isMoment(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

function invalid(detail: string): Result<never> {
  return refuse('RECEIPT_INVALID', detail);
}
