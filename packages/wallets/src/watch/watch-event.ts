import type { ErrorCode } from '@satway/base';

/** What every event says. */
interface Told {
  /** Name of the watched wallet. */
  readonly wallet: string;
  readonly atMs: number;
}

/** What a wallet said of itself. */
export interface WalletFigures {
  /** What can be spent; `null` where the wallet does not pay or its credential may not ask. */
  readonly balanceMsat: number | null;
  /** What can be received at most; `null` where the wallet does not receive, sets no bound, or its credential may not ask. */
  readonly inboundMsat: number | null;
}

/**
 * What a watch tells. Each look-up tells `wallet_read` or `wallet_read_failed`; the others come once each time something changes. Carries no secret.
 */
export type WalletWatchEvent =
  | (Told & WalletFigures & { readonly type: 'wallet_read' })
  | (Told & { readonly type: 'wallet_read_failed'; readonly code: ErrorCode; readonly failures: number })
  /** Below the mark. */
  | (Told & { readonly type: 'wallet_balance_low'; readonly balanceMsat: number; readonly markMsat: number })
  /** At the upper mark again or above it. */
  | (Told & { readonly type: 'wallet_balance_ok'; readonly balanceMsat: number; readonly markMsat: number })
  | (Told & { readonly type: 'wallet_inbound_low'; readonly inboundMsat: number; readonly markMsat: number })
  | (Told & { readonly type: 'wallet_inbound_ok'; readonly inboundMsat: number; readonly markMsat: number })
  /** A mark is set, but the wallet does not say the figure: nobody would learn that it is low. */
  | (Told & { readonly type: 'wallet_unmeasured'; readonly figure: 'balance' | 'inbound'; readonly markMsat: number })
  /** So many look-ups in a row failed; the last one with this code. */
  | (Told & {
      readonly type: 'wallet_unreachable';
      readonly code: ErrorCode;
      readonly failures: number;
      /** When the first of them failed. */
      readonly sinceMs: number;
    })
  /** The first good look-up after `wallet_unreachable`. */
  | (Told & { readonly type: 'wallet_back'; readonly downForMs: number });

/** Told what happens; nothing it throws has any effect. */
export type WalletWatchListener = (event: WalletWatchEvent) => void;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event before it is known of which wallet and when. */
export type WalletNews = Without<WalletWatchEvent, keyof Told>;
