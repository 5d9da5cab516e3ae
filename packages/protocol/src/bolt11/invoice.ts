import type { BitcoinNetwork } from '../network.js';

/** The first letters of an invoice, which name its network. */
export type InvoicePrefix = 'lnbc' | 'lntb' | 'lntbs' | 'lnbcrt';

/** One hop of a private route to the payee. */
export interface RouteHop {
  /** 33-byte compressed public key of the node at the start of the channel. */
  readonly pubkeyHex: string;
  /** `block:transaction:output` packed into 8 bytes. */
  readonly shortChannelIdHex: string;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: number;
}

/** An on-chain address as version and program: 0 to 16 is a witness program, 17 P2PKH, 18 P2SH. */
export interface FallbackAddress {
  readonly version: number;
  readonly programHex: string;
}

/** A BOLT11 invoice whose signature was not looked at. Hex is lower-case. */
export interface ReadInvoice {
  readonly network: BitcoinNetwork;
  readonly prefix: InvoicePrefix;
  /** `null`: the payer chooses the amount. */
  readonly amountMsat: bigint | null;
  readonly paymentHashHex: string;
  readonly paymentSecretHex: string;
  readonly timestampSeconds: number;
  /** 3600 where the invoice is silent. */
  readonly expirySeconds: number;
  readonly expiresAtMs: number;
  readonly description: string | null;
  readonly descriptionHashHex: string | null;
  /** Blocks; 18 where the invoice is silent. */
  readonly minFinalCltvExpiryDelta: number;
  /** Numbers of the feature bits that are set. */
  readonly features: ReadonlySet<number>;
  readonly metadataHex: string | null;
  readonly routeHints: readonly (readonly RouteHop[])[];
  readonly fallbackAddresses: readonly FallbackAddress[];
  /** 64 bytes, r and s. */
  readonly signatureHex: string;
}

/** A BOLT11 invoice that its payee signed. */
export interface DecodedInvoice extends ReadInvoice {
  /** 33-byte compressed public key: the `n` field where there is one, else recovered from the signature. */
  readonly payeeHex: string;
}

export const DEFAULT_EXPIRY_SECONDS = 3600;
export const DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA = 18;

/** Characters; what fits into the largest QR code, and the limit that common nodes keep. */
export const MAX_INVOICE_LENGTH = 7089;
