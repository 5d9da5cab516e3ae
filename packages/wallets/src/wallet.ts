/** The chains that BOLT11 knows; the invoice prefixes are `lnbc`, `lntb`, `lntbs` and `lnbcrt`. */
import type { BitcoinNetwork } from '@satway/protocol';

export type { BitcoinNetwork };

/** What to put into an invoice. */
export interface InvoiceRequest {
  /** Positive safe integer. */
  readonly amountMsat: number;
  readonly description: string;
  /** How long the invoice can be paid, in seconds from its own timestamp. */
  readonly expirySeconds: number;
}

/** An invoice that the wallet has written down and will settle when it is paid. */
export interface IssuedInvoice {
  /** BOLT11, as the wallet wrote it. */
  readonly invoice: string;
  /** 64 lower-case hex digits. */
  readonly paymentHashHex: string;
  readonly amountMsat: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Where an invoice of ours stands. No state carries the preimage: whoever sells has no use for it, and
 * whoever sees it before payment can forge a proof.
 */
export type InvoiceState =
  | { readonly state: 'open'; readonly expiresAtMs: number }
  /** A payer's money is held, not ours yet. */
  | { readonly state: 'held' }
  | { readonly state: 'settled'; readonly amountReceivedMsat: number; readonly settledAtMs: number | null }
  /** Not credited: expired or cancelled. Says nothing about what the payer's side did. */
  | { readonly state: 'closed' }
  | { readonly state: 'notFound' };

/** News that an invoice was settled. At least once each; a hint to look closer, never a proof by itself. */
export interface SettledNotice {
  readonly paymentHashHex: string;
  readonly amountReceivedMsat: number;
}

/**
 * A wallet that can be paid. Holds no permission to pay.
 *
 * Every method throws `SatwayError` only: `WALLET_UNREACHABLE`, `WALLET_TLS_MISMATCH`, `WALLET_TIMEOUT`, `WALLET_REFUSED`,
 * `WALLET_PERMISSION_DENIED`, `WALLET_NETWORK_MISMATCH`, `WALLET_ANSWER_INVALID`. Funds moved: no.
 */
export interface InvoiceIssuer {
  /** `null` while the wallet has not told it yet (an invoice-only credential may not ask); known after the first invoice. */
  readonly network: BitcoinNetwork | null;
  create(request: InvoiceRequest): Promise<IssuedInvoice>;
  lookUp(paymentHashHex: string): Promise<InvoiceState>;
  /** Calls back on each settlement from now on; returns how to stop. Without it the gate looks an invoice up before it offers it again. */
  onSettled?(listener: (notice: SettledNotice) => void): () => void;
}

/** One payment, bounded in fee and time. */
export interface PayRequest {
  /** BOLT11 with an amount; the caller has decoded and checked it. */
  readonly invoice: string;
  /** Of that invoice, 64 lower-case hex digits. */
  readonly paymentHashHex: string;
  readonly amountMsat: number;
  readonly feeLimitMsat: number;
  /** After this the answer is `unknown`, and the payment may still settle. */
  readonly timeoutMs: number;
  /** True when this may not be the first time this hash is sent (recovery): then no refusal of the wallet proves failure. */
  readonly mayHaveBeenSentBefore?: boolean;
}

export type PaymentFailureReason =
  | 'no_route'
  | 'insufficient_balance'
  | 'incorrect_payment_details'
  | 'timeout'
  | 'expired'
  | 'rejected_before_sending'
  | 'other';

/** A payment that went out and is final; the preimage was checked against the payment hash by the adapter. */
export interface SettledPayment {
  readonly state: 'settled';
  readonly preimageHex: string;
  readonly amountMsat: number;
  readonly feeMsat: number;
}

/** A payment of which the wallet said, in a way that cannot be wrong, that it will never settle. */
export interface FailedPayment {
  readonly state: 'failed';
  readonly reason: PaymentFailureReason;
  /** For a person; no secret. */
  readonly detail: string;
}

/**
 * What became of `pay`. `unknown` is everything that is not proven to be one of the others: a passed deadline, a cut
 * connection, a 5xx, "already paid". The money may have moved or may still move: look it up by hash, never pay again.
 */
export type PaymentOutcome = SettledPayment | FailedPayment | { readonly state: 'unknown'; readonly detail: string };

/**
 * What the wallet knows of a payment hash. A failure settles the matter for the one request that was sent; where several were, another may still lie in
 * the wallet's socket until the invoice has expired by `walletNowMs`.
 */
export type PaymentLookUp =
  | SettledPayment
  | (FailedPayment & { readonly walletNowMs: number | null })
  | { readonly state: 'inFlight' }
  /**
   * The wallet has no record. Not a failure: a request may still lie in its socket. `walletNowMs` is the wallet's own clock
   * (`null` where it tells none), by which the caller judges whether the invoice has expired.
   */
  | { readonly state: 'notFound'; readonly walletNowMs: number | null };

/**
 * A wallet that can pay.
 *
 * `pay` never throws once the request may have left this process: it answers `unknown`. Before that, and in the other methods, it throws
 * `SatwayError` with one of the codes listed at `InvoiceIssuer`, funds moved: no.
 */
export interface InvoicePayer {
  /** The wallet's own identity (a node's public key), the same over restarts and URLs; no secret. */
  readonly identity: string;
  readonly network: BitcoinNetwork;
  /** True where the wallet itself refuses to pay one payment hash twice, so that sending the same invoice again is safe. */
  readonly refusesSecondPayment: boolean;
  /** The highest fee that this wallet can take for a payment of `amountMsat` when told to bound it; `null` where it cannot bound its fees. */
  feeCeilingMsat(amountMsat: number): number | null;
  pay(request: PayRequest): Promise<PaymentOutcome>;
  lookUp(paymentHashHex: string): Promise<PaymentLookUp>;
  balance(): Promise<{ readonly spendableMsat: number }>;
}
