import { SatwayError } from '@satway/base';
import { refuseUnknownOptions } from '../option-checks/index.js';
import type { ClientEvent } from '../l402-client/events.js';
import type { Approver } from '../l402-client/approver.js';

/** A seller has asked for money, and what it asks for was checked: no more than an offer yet. */
export type ChallengeNotice = Omit<Extract<ClientEvent, { type: 'challenged' }>, 'type'>;

/** An offer that is written down, and is about to be approved and paid. */
export interface QuoteNotice {
  readonly purchaseId: string;
  readonly budgetId: string;
  readonly origin: string;
  readonly method: string;
  readonly url: string;
  readonly amountMsat: number;
  readonly paymentHashHex: string;
  /** The node that asks for it: 66 hex digits. */
  readonly payeeHex: string;
  readonly invoice: string;
  readonly description: string | null;
  readonly expiresAtMs: number;
}

/** A payment that settled; its preimage is on the disk. */
export type PaidNotice = Omit<Extract<ClientEvent, { type: 'paid' }>, 'type'>;
/** A payment of which nobody knows yet what became of it; its reservation is kept. */
export type UnknownNotice = Omit<Extract<ClientEvent, { type: 'payment_unknown' }>, 'type'>;
/** A seller has answered a paid request. */
export type RedeemedNotice = Omit<Extract<ClientEvent, { type: 'redeemed' }>, 'type'>;

/**
 * Functions of the caller's, called at the steps of a purchase. Each step is on the disk before its hook is called, and but for `approve` no hook is waited for:
 * one that throws, rejects or never returns changes nothing.
 */
export interface ClientHooks {
  onChallenge?(challenge: ChallengeNotice): unknown;
  onQuote?(quote: QuoteNotice): unknown;
  /** Asked like the option `approve`, and after it: both must say yes. One that throws has said no. */
  approve?: Approver;
  onPaid?(payment: PaidNotice): unknown;
  /** Once for a payment, until it is known again. */
  onUnknown?(payment: UnknownNotice): unknown;
  onRedeemed?(redemption: RedeemedNotice): unknown;
}

const NAMES: ReadonlySet<string> = new Set([
  'onChallenge',
  'onQuote',
  'approve',
  'onPaid',
  'onUnknown',
  'onRedeemed',
] satisfies (keyof ClientHooks)[]);

/**
 * Refuses hooks that would never be called: whoever misspells `approve` would be asked for nothing.
 *
 * @throws {SatwayError} `CLIENT_OPTIONS_INVALID`.
 */
export function checkHooks(hooks: ClientHooks): ClientHooks {
  if (typeof hooks !== 'object' || hooks === null || Array.isArray(hooks)) {
    throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: 'Option hooks.' });
  }
  if (Object.getPrototypeOf(hooks) === Object.prototype) {
    refuseUnknownOptions({ path: 'hooks', given: hooks, known: [...NAMES] });
  }
  for (const [name, hook] of Object.entries<unknown>({ ...hooks })) {
    // An object of a class may have fields of its own; a function under another name was meant to be called.
    const isWrong = NAMES.has(name) ? hook !== undefined && typeof hook !== 'function' : typeof hook === 'function';
    if (isWrong) throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: `Option hooks.${name.slice(0, 50)}.` });
  }
  return hooks;
}

/** The same hooks, of which nobody is asked: for a part of a budget, whose whole asks already. */
export function withoutApprover(hooks: ClientHooks): ClientHooks {
  return {
    onChallenge: (challenge) => hooks.onChallenge?.(challenge),
    onQuote: (quote) => hooks.onQuote?.(quote),
    onPaid: (payment) => hooks.onPaid?.(payment),
    onUnknown: (payment) => hooks.onUnknown?.(payment),
    onRedeemed: (redemption) => hooks.onRedeemed?.(redemption),
  };
}
