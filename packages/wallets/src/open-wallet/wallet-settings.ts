import type { BitcoinNetwork } from '@satway/protocol';

/** An LND over its REST interface. */
export interface LndSettings {
  readonly kind: 'lnd';
  readonly url: string;
  readonly macaroonHex: string;
  /** Pins exactly this certificate. */
  readonly tlsCertPem?: string;
  /** Pins the certificate with this SHA-256 fingerprint: 64 hex digits, with or without colons. */
  readonly tlsFingerprint256?: string;
  readonly network?: BitcoinNetwork;
  /** Into how many parts a payment may be split; 1 by default. */
  readonly maxParts?: number;
  /** Puts private channels into invoices as route hints. */
  readonly privateChannels?: boolean;
}

/** One wallet of an LNbits instance. */
export interface LnbitsSettings {
  readonly kind: 'lnbits';
  /** Of the instance; may have a path. */
  readonly url: string;
  /** The admin key pays and receives, the invoice key receives and reads. */
  readonly key: string;
  readonly network?: BitcoinNetwork;
}

/** A phoenixd daemon. */
export interface PhoenixdSettings {
  readonly kind: 'phoenixd';
  readonly url: string;
  /** The full password, or the limited-access one, which cannot pay. */
  readonly password: string;
  readonly network?: BitcoinNetwork;
}

/** A wallet behind Nostr Wallet Connect. */
export interface NwcSettings {
  readonly kind: 'nwc';
  /** `nostr+walletconnect://…`, with its secret in it. */
  readonly uri: string;
  readonly network?: BitcoinNetwork;
}

/** How to reach one wallet; holds its secret. */
export type WalletSettings = LndSettings | LnbitsSettings | PhoenixdSettings | NwcSettings;
