import type { WalletKind } from '@satway/wallets';
import { EXIT } from '../exit-codes.js';

/** Those that are the node itself know whether they were paid. The others tell what they booked; the node behind them may have been paid for all that. */
const IS_THE_NODE: Readonly<Record<WalletKind, boolean>> = {
  lnd: true,
  phoenixd: true,
  sandbox: true,
  lnbits: false,
  nwc: false,
};

/** What may be said of an invoice that a wallet has closed without a payment, and the exit code for it. */
export function describeUncredited(kind: WalletKind): { readonly words: string; readonly exitCode: number } {
  if (IS_THE_NODE[kind]) return { words: 'Not paid, and it can no longer be.', exitCode: EXIT.failure };
  const words =
    'Not credited, and by itself it no longer will be. That does not say that nobody paid: before you tell a payer so, ask the node behind this wallet.';
  return { words, exitCode: EXIT.invoiceUnknown };
}
