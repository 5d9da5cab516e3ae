import type { ClientEvent } from '@satway/client';

/** Where the wallet stands; never how much is in it. */
export const WALLET_STATES = ['unknown', 'ok', 'low', 'unreachable'] as const;
export type WalletState = (typeof WALLET_STATES)[number];

/** What is known of the wallet by the events of a client that watches it. */
export interface FollowedWallet {
  follow(event: ClientEvent): void;
  /** `unknown` before its first answer. `low`: below the mark, or not yet a tenth above it again. */
  state(): WalletState;
}

export function followWallet(): FollowedWallet {
  let reach: 'unknown' | 'ok' | 'unreachable' = 'unknown';
  let isLow = false;
  return {
    follow({ type }) {
      if (type === 'wallet_read') reach = 'ok';
      if (type === 'wallet_unreachable') reach = 'unreachable';
      if (type === 'wallet_balance_low') isLow = true;
      if (type === 'wallet_balance_ok') isLow = false;
    },
    state: () => (reach === 'ok' && isLow ? 'low' : reach),
  };
}
