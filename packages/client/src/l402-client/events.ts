import type { WalletWatchEvent } from '@satway/wallets/watch';
import type { AnomalyEvent } from '../anomaly/anomaly.js';
import { callQuietly } from '../hooks/quietly.js';

/** What a client tells while it works. Carries no secret; the invoice is public, its preimage never appears. */
export type ClientEvent =
  /** Where a client watches its wallet (option `watch`). */
  | WalletWatchEvent
  /** Where a client watches its spending (option `anomaly`). */
  | AnomalyEvent
  | { readonly type: 'asked'; readonly method: string; readonly url: string }
  | {
      readonly type: 'challenged';
      readonly url: string;
      readonly amountMsat: number;
      readonly paymentHashHex: string;
      readonly invoice: string;
      readonly description: string | null;
      readonly scope: string;
      readonly opaque: boolean;
    }
  | {
      readonly type: 'reserved';
      readonly paymentHashHex: string;
      readonly amountMsat: number;
      readonly feeCeilingMsat: number;
    }
  | { readonly type: 'paying'; readonly paymentHashHex: string; readonly amountMsat: number }
  | { readonly type: 'paid'; readonly paymentHashHex: string; readonly amountMsat: number; readonly feeMsat: number }
  | { readonly type: 'payment_failed'; readonly paymentHashHex: string; readonly reason: string }
  /** What was taken for failed was paid after all: the money is gone, and is booked now. `failure`: why it was taken so. */
  | {
      readonly type: 'failed_payment_settled';
      readonly paymentHashHex: string;
      readonly amountMsat: number;
      readonly feeMsat: number;
      readonly failure: string;
    }
  | { readonly type: 'payment_unknown'; readonly paymentHashHex: string; readonly detail: string }
  | {
      readonly type: 'redeeming';
      readonly paymentHashHex: string;
      readonly url: string;
      readonly source: CredentialSource;
    }
  | {
      readonly type: 'redeemed';
      readonly paymentHashHex: string;
      readonly status: number;
      readonly outcome: string | null;
      readonly source: CredentialSource;
    }
  /** Bought and given to somebody else, unused (`obtain`). */
  | {
      readonly type: 'handed_over';
      readonly paymentHashHex: string;
      readonly origin: string;
      readonly usesLeft: number | null;
    }
  | { readonly type: 'waiting'; readonly reason: string; readonly waitMs: number }
  | { readonly type: 'stopped'; readonly origin: string; readonly paymentHashHex: string }
  | { readonly type: 'recovered'; readonly paymentHashHex: string; readonly state: string };

/** Whence a credential came: bought by this call, out of the cache, paid by an earlier call that did not finish, or handed over by somebody else. */
export type CredentialSource = 'bought' | 'cached' | 'recovered' | 'handed';

export type EventListener = (event: ClientEvent) => void;

/** Calls a listener so that nothing it throws reaches a purchase. */
export function quietly(listener: EventListener | undefined): EventListener {
  return (event) => callQuietly(() => listener?.(event));
}
