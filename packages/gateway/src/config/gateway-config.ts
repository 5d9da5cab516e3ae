import type { Endpoint, GateLimits } from '@satway/gate';
import type { WalletSettings } from '@satway/wallets/open-wallet';

/** Where a socket listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Where payments are counted. */
export type StoreConfig =
  | { readonly kind: 'memory' }
  | { readonly kind: 'pglite'; readonly folder: string; readonly acceptPowerLoss: boolean }
  /** `url` is a secret: it holds the password. */
  | { readonly kind: 'postgres'; readonly url: string };

/** What a credential may do that receiving does not need, and that costs money when it is stolen. */
export type SpendingPower = 'pay' | 'administer';

/** A wallet that is paid. Secrets were read already, from their file or variable. */
export interface WalletConfig {
  readonly settings: WalletSettings;
  /** What its credential may be able to do all the same. */
  readonly allowPowers: readonly SpendingPower[];
}

/** How the wallets are watched. */
export interface WatchConfig {
  /** Warn where less than this can be received; `null` for no mark. */
  readonly inboundBelowSats: number | null;
  readonly everyMs: number;
}

/** How much of a message passes. */
export interface SizeLimits {
  /** Longest request body; longer ones are refused with 413. */
  readonly requestBodyBytes: number;
  /** All request bodies together that are held before the decision (paid calls with an `Idempotency-Key`); 503 beyond. */
  readonly heldBodyBytes: number;
  /** Longest answer body; 502 where its head tells, else the stream is cut. */
  readonly responseBodyBytes: number;
}

/** How long the gateway waits, in milliseconds. */
export interface TimeLimits {
  readonly connectMs: number;
  /** For the head of the origin's answer. */
  readonly headersMs: number;
  /** Between two chunks of the origin's body. */
  readonly idleMs: number;
  /** For the whole call, streams included. */
  readonly totalMs: number;
  /** How long running calls may take to end when the gateway stops. */
  readonly shutdownMs: number;
}

/** A checked, complete, frozen configuration, as `loadGatewayConfig` gives it. */
export interface GatewayConfig {
  /** `id`: UUID, lower case, the same for ever. */
  readonly tenant: { readonly id: string; readonly slug: string };
  /** `http://127.0.0.1:9000`, without a path. */
  readonly origin: string;
  readonly listen: ListenAddress;
  /** The address under which callers know the gateway, without a path; `null` where it is the one it listens on. */
  readonly publicUrl: string | null;
  /** A listener of its own for `/healthz` and `/metrics`; `null`: the main one serves `/healthz` to all and `/metrics` to this machine. */
  readonly admin: ListenAddress | null;
  /** Peers whose `X-Forwarded-For` is believed: addresses and networks in CIDR form. */
  readonly trustedProxies: readonly string[];
  /** Absolute path of the file of master keys. */
  readonly keysPath: string;
  readonly store: StoreConfig;
  /** In order of preference; at least one. */
  readonly wallets: readonly WalletConfig[];
  /** Whether the wallet is asked before the first use of each payment; `null`: where its preimages prove nothing. */
  readonly confirmSettlement: boolean | null;
  /** Longest life of an invoice; less where a third of its credential's life is less. */
  readonly invoiceExpiryMs: number;
  readonly watch: WatchConfig;
  readonly endpoints: readonly Endpoint[];
  readonly sizes: SizeLimits;
  readonly times: TimeLimits;
  readonly idempotency: { readonly keepForMs: number; readonly maxBodyBytes: number };
  /** What callers may ask for, as the gate takes it. */
  readonly rates: Partial<GateLimits>;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent' };
}

export const DEFAULT_LISTEN: ListenAddress = { host: '127.0.0.1', port: 8402 };
export const DEFAULT_SIZES: SizeLimits = {
  requestBodyBytes: 1_048_576,
  heldBodyBytes: 134_217_728,
  responseBodyBytes: 67_108_864,
};
export const DEFAULT_TIMES: TimeLimits = {
  connectMs: 5_000,
  headersMs: 30_000,
  idleMs: 60_000,
  totalMs: 600_000,
  shutdownMs: 30_000,
};
/** An LNbits that was away credits what was paid meanwhile only before the invoice expires: it needs the time to come back. */
export const LNBITS_INVOICE_EXPIRY_MS = 3_600_000;
export const DEFAULT_WATCH: WatchConfig = { inboundBelowSats: null, everyMs: 60_000 };
export const DEFAULT_IDEMPOTENCY = { keepForMs: 600_000, maxBodyBytes: 16_384 } as const;
