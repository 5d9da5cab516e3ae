import { type ErrorCode, SatwayError } from '@satway/base';

/** Another wallet issues now than before. Positions count from 0, in the order of the list. */
export interface WalletSwitch {
  readonly from: number;
  readonly to: number;
  /** Why the earlier one was left; `null` where an earlier one in the list is back. */
  readonly code: ErrorCode | null;
}

/** How a failover behaves; every value has a default. */
export interface FailoverOptions {
  /** So many failures in a row keep a wallet from being asked; 1 by default. */
  readonly failuresToOpen?: number;
  /** After this it is tried again, by one call; 10,000 by default. */
  readonly halfOpenAfterMs?: number;
  /** For logs, with what the earlier one failed of, as far as it did; what it throws is nobody's concern. */
  readonly onSwitch?: (event: WalletSwitch, failure: SatwayError | null) => void;
  /** Milliseconds since 1970, by which new invoices are judged; `Date.now` by default. */
  readonly clock?: () => number;
}

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function checkFailoverOptions(options: FailoverOptions): { failuresToOpen: number; halfOpenAfterMs: number } {
  const { failuresToOpen = 1, halfOpenAfterMs = 10_000 } = options;
  if (isPositive(failuresToOpen) && isPositive(halfOpenAfterMs)) return { failuresToOpen, halfOpenAfterMs };
  throw new SatwayError('WALLET_NOT_CONFIGURED', {
    detail: 'failuresToOpen and halfOpenAfterMs must be positive whole numbers.',
  });
}

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
