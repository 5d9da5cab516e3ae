/**
 * What goes wrong with one payment, on demand. The first four say what becomes of the money, the others what the payer's wallet tells of a
 * payment that settles like any other.
 */
export type PaymentFault =
  /** In flight for so long, then settled. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** In flight until somebody resolves it, or for `delayMs` where given; then settled. */
  | { readonly kind: 'stuckThenSettled'; readonly delayMs?: number }
  /** The payee's node holds the money (the invoice is `held`) until somebody resolves it, or for `delayMs`; then settled. */
  | { readonly kind: 'held'; readonly delayMs?: number }
  /** In flight for so long, then failed, and the money is back. */
  | { readonly kind: 'failedLate'; readonly delayMs: number }
  /** Settled, and the connection closes before the final line. */
  | { readonly kind: 'replyLost' }
  /** Settled, and the answer carries a preimage of something else. */
  | { readonly kind: 'wrongPreimage' }
  /** Settled, and the final line comes twice. */
  | { readonly kind: 'replyTwice' }
  /** Settled, and the connection is cut in the middle of the first line. */
  | { readonly kind: 'connectionCut' }
  /** The answer is a whole HTTP 500 that speaks of shutting down, and the payment settles afterwards. */
  | { readonly kind: 'shuttingDown' };

/** How the fault shows in the payer's answer; `whole` is no fault. */
export type ReplyFault = 'whole' | 'lost' | 'wrongPreimage' | 'twice' | 'cut' | 'shuttingDown';

/** What a fault means for the money and for the answer. */
export interface PaymentFate {
  readonly ends: 'SUCCEEDED' | 'FAILED';
  /** 0: at once. `null`: when somebody resolves it. */
  readonly afterMs: number | null;
  readonly heldByPayee: boolean;
  readonly reply: ReplyFault;
}

const REPLY_BY_KIND = {
  replyLost: 'lost',
  wrongPreimage: 'wrongPreimage',
  replyTwice: 'twice',
  connectionCut: 'cut',
  shuttingDown: 'shuttingDown',
} as const satisfies Record<string, ReplyFault>;

/** The kinds, for whoever reads a fault from outside. */
export const PAYMENT_FAULT_KINDS: readonly PaymentFault['kind'][] = [
  'slow',
  'stuckThenSettled',
  'held',
  'failedLate',
  'replyLost',
  'wrongPreimage',
  'replyTwice',
  'connectionCut',
  'shuttingDown',
];

export function fateOf(fault: PaymentFault | null, usualDelayMs: number): PaymentFate {
  const usual: PaymentFate = { ends: 'SUCCEEDED', afterMs: usualDelayMs, heldByPayee: false, reply: 'whole' };
  if (fault === null) return usual;
  switch (fault.kind) {
    case 'slow':
      return { ...usual, afterMs: fault.delayMs };
    case 'stuckThenSettled':
      return { ...usual, afterMs: fault.delayMs ?? null };
    case 'held':
      return { ...usual, afterMs: fault.delayMs ?? null, heldByPayee: true };
    case 'failedLate':
      return { ...usual, ends: 'FAILED', afterMs: fault.delayMs };
    default:
      return { ...usual, reply: REPLY_BY_KIND[fault.kind] };
  }
}
