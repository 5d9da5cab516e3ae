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

export type WalletKind = 'lnd' | 'lnbits' | 'phoenixd' | 'nwc' | 'sandbox';

/** What one credential is for. */
export type WalletRole = 'receive' | 'pay' | 'read';

/** What a credential allows, as the wallet itself answered; `null` where it could not be found out. */
export interface CredentialPowers {
  readonly pay: boolean | null;
  readonly createInvoice: boolean | null;
  /** Balances, payments, invoices. */
  readonly read: boolean | null;
  /** Anything by which one gets at more than the other three: new credentials, on-chain money, channels, settings. */
  readonly administer: boolean | null;
}

/** What a credential may do, and how to get one that may do less. Carries no secret. */
export interface WalletInspection {
  readonly kind: WalletKind;
  /** `null` where the credential may not ask. */
  readonly network: BitcoinNetwork | null;
  readonly can: CredentialPowers;
  /**
   * What is allowed beyond each role, in the wallet's own words; empty where the credential is as small as it should be, `null` where that could not be found
   * out.
   */
  readonly excess: Readonly<Record<WalletRole, readonly string[] | null>>;
  /**
   * What each role needs and the credential lacks, in the wallet's own words; left out where the wallet's kind has no such thing. A payer that
   * lacks the look-up pays, and a lost answer stays unknown for ever.
   */
  readonly missing?: Readonly<Record<WalletRole, readonly string[]>>;
  /** How a person makes the right credential for each role with this kind of wallet. */
  readonly howToNarrow: Readonly<Record<WalletRole, string>>;
}

/**
 * A wallet that can be paid. Holds no permission to pay.
 *
 * Every method throws `SatwayError` only: `WALLET_UNREACHABLE`, `WALLET_TLS_MISMATCH`, `WALLET_TIMEOUT`, `WALLET_REFUSED`,
 * `WALLET_PERMISSION_DENIED`, `WALLET_NETWORK_MISMATCH`, `WALLET_ANSWER_INVALID`; of a list of wallets also `WALLET_CLOCK_OFF` and `INVOICE_NOT_AS_ASKED`. Funds moved: no.
 */
export interface InvoiceIssuer {
  /**
   * True where nobody but a payer can learn a preimage, so that it proves payment by itself. False where the wallet's software hands it out in
   * other ways: then the seller asks the wallet whether the payment has settled before the first use.
   */
  readonly preimageIsProof: boolean;
  /** `null` while the wallet has not told it yet (an invoice-only credential may not ask); known after the first invoice. */
  readonly network: BitcoinNetwork | null;
  create(request: InvoiceRequest): Promise<IssuedInvoice>;
  lookUp(paymentHashHex: string): Promise<InvoiceState>;
  /** Calls back on each settlement from now on; returns how to stop. Without it the gate looks an invoice up before it offers it again. */
  onSettled?(listener: (notice: SettledNotice) => void): () => void;
  /**
   * Whether an invoice that can still be paid must not be offered again, since nothing is sold any more with the wallet that issued it. Asked before each
   * repetition. Left out where every open invoice may be.
   */
  isWithdrawn?(paymentHashHex: string): boolean;
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
export type PaymentOutcome = SettledPayment | FailedPayment | UnknownPayment;

/** A payment of which nothing is proven. */
export interface UnknownPayment {
  readonly state: 'unknown';
  /** For a person; no secret. */
  readonly detail: string;
  /**
   * True where the wallet itself told that it has this payment under way, or has it in its records. Whoever remembers it takes a missing record for a deleted one: from then on
   * `notFound` proves nothing, whatever the time. Left out where the wallet did not say so.
   */
  readonly seenInFlight?: boolean;
  /**
   * True where the wallet said so in its answer to this very request: it has looked at the request, which lies in no socket any more. What a later look-up shows
   * is then no older than this request. Left out where nothing shows it.
   */
  readonly takenUp?: boolean;
}

/**
 * What the wallet knows of a payment hash. A failure settles the matter for the one request that was sent; where several were, another may still lie in
 * the wallet's socket until the invoice has expired by `walletNowMs`.
 */
export type PaymentLookUp =
  | SettledPayment
  | (FailedPayment & {
      readonly walletNowMs: number | null;
      /**
       * True where the wallet pays a hash that failed when anybody asks again, and keeps the newest record alone: whatever other program shares the wallet may have made
       * this one, before our request or since, while ours was not looked at. Then it proves nothing of a request that was not `takenUp`.
       */
      readonly mayBeOfAnother?: boolean;
    })
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
  /**
   * False where the credential is known to allow no look-up of payments: a payment whose answer is lost then stays unknown for ever, which people should be told
   * before they pay. Left out where it may, or where nobody knows.
   */
  readonly canLookUp?: boolean;
  balance(): Promise<{ readonly spendableMsat: number }>;
}

/** What every adapter can do whatever its role. */
export interface ConnectedWallet {
  readonly kind: WalletKind;
  /** Asks the wallet, with calls that move nothing and create nothing. Throws as `InvoiceIssuer` does. */
  inspect(): Promise<WalletInspection>;
  /** Ends what the wallet holds open (sockets, subscriptions); payments under way are then `unknown`. Safe to call twice. */
  close(): Promise<void>;
}

/** An adapter that receives. */
export interface ReceivingWallet extends InvoiceIssuer, ConnectedWallet {
  /** What can be received at most now; `null` where the wallet sets no bound, or its credential may not ask. */
  receivableMsat(): Promise<number | null>;
}

/** A paying wallet that is only looked at; to connect to it creates nothing. */
export interface ReadingWallet extends Pick<InvoicePayer, 'identity' | 'lookUp' | 'balance'>, ConnectedWallet {
  /** `null` where the wallet does not tell it and nothing shows it. */
  readonly network: BitcoinNetwork | null;
  /** As at `InvoicePayer`. */
  readonly canLookUp?: boolean;
}

/** An adapter that pays. */
export interface PayingWallet extends InvoicePayer, ConnectedWallet {}
