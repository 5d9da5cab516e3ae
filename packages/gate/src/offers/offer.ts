import type { KeyRing } from '@satway/protocol';
import type { CompleteEndpoint, Price } from '../routes/index.js';

/** An open invoice and the credential that its preimage completes. */
export interface Offer {
  /** Digest of for what and for whom it was made. */
  readonly key: string;
  readonly macaroonText: string;
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly priceMsat: number;
  readonly uses: number;
  /** When it was asked for; a slow wallet made it later. */
  readonly askedAtMs: number;
  readonly invoiceExpiresAtMs: number;
  readonly tokenId: Uint8Array;
  /** The ring under which the macaroon was last seen to verify. */
  readonly keyRing: KeyRing;
  /** True where only an address stands for the caller. */
  readonly isWithoutSecret: boolean;
}

export type PaidPrice = Extract<Price, { model: 'per_request' }>;

/** For what and for whom an offer is wanted. */
export interface OfferRequest {
  readonly endpoint: CompleteEndpoint;
  readonly price: PaidPrice;
  readonly method: string;
  /** Canonical path and query, as forwarded. */
  readonly url: string;
  readonly bodySha256Hex: string;
  /** A random `Idempotency-Key`; `null` where the caller has told no secret. */
  readonly callerSecret: string | null;
  /** The caller's address as `addressScope` sees it. */
  readonly scope: string;
}

export type OfferResult =
  | { readonly outcome: 'offered'; readonly offer: Offer; readonly isRepeated: boolean }
  | { readonly outcome: 'limited'; readonly retryAfterMs: number }
  /** The wallet failed, or answered something else than what was asked for. Nothing was offered. */
  | { readonly outcome: 'failed'; readonly cause: unknown };
