import { integerOf, isPreimageOf, type Json, textOf } from '../rest/index.js';

/** States of a transaction, as NIP-47 names them; `null` where an older wallet names none. */
export type TransactionState = 'pending' | 'settled' | 'failed' | 'expired' | 'accepted' | null;

/** What `lookup_invoice` and notifications say of one payment or invoice, as far as it can be used. */
export interface NwcTransaction {
  readonly paymentHashHex: string;
  /** `null` where the wallet does not say. */
  readonly isOutgoing: boolean | null;
  readonly state: TransactionState;
  readonly amountMsat: number | null;
  readonly feesPaidMsat: number | null;
  /** Unix seconds; `null` for absent and 0. */
  readonly settledAtSeconds: number | null;
  readonly expiresAtSeconds: number | null;
  /** Only where it hashes to the payment hash. */
  readonly preimageHex: string | null;
  /** BOLT11; empty where the wallet does not show it. */
  readonly invoice: string;
}

const STATES: ReadonlySet<string> = new Set(['pending', 'settled', 'failed', 'expired', 'accepted']);

/** @returns `null` where it names no payment hash, or a state that nobody knows. */
export function readTransaction(json: Json): NwcTransaction | null {
  const paymentHashHex = (textOf(json, 'payment_hash') ?? '').toLowerCase();
  const state = textOf(json, 'state') ?? '';
  if (!/^[0-9a-f]{64}$/.test(paymentHashHex) || (state !== '' && !STATES.has(state))) return null;
  const type = textOf(json, 'type');
  return {
    paymentHashHex,
    isOutgoing: type === 'outgoing' || type === 'incoming' ? type === 'outgoing' : null,
    state: state === '' ? null : (state as Exclude<TransactionState, null>),
    amountMsat: integerOf(json, 'amount'),
    feesPaidMsat: integerOf(json, 'fees_paid'),
    settledAtSeconds: positive(integerOf(json, 'settled_at')),
    expiresAtSeconds: positive(integerOf(json, 'expires_at')),
    preimageHex: preimageOf(textOf(json, 'preimage'), paymentHashHex),
    invoice: textOf(json, 'invoice') ?? '',
  };
}

/** A preimage counts only when it is one of this hash; lower-case hex. */
export function preimageOf(preimageHex: string | null, paymentHashHex: string): string | null {
  const hex = (preimageHex ?? '').toLowerCase();
  return isPreimageOf(hex, paymentHashHex) ? hex : null;
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}
