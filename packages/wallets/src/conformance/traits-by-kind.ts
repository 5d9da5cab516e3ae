import type { WalletKind } from '../wallet.js';
import type { IssuerTraits, PayerTraits } from './traits.js';

const ISSUER_TRAITS: Readonly<Record<WalletKind, IssuerTraits>> = {
  lnd: {},
  sandbox: {},
  lnbits: { wholeSatsOnly: true, settlementShowsWithinMs: 10_000, closedShowsWithinMs: 10_000 },
  phoenixd: {
    wholeSatsOnly: true,
    longestDescription: 128,
    settlementShowsWithinMs: 10_000,
    closedShowsWithinMs: 10_000,
  },
  nwc: { settlementShowsWithinMs: 10_000, closedShowsWithinMs: 10_000 },
};

const PAYER_TRAITS: Readonly<Record<WalletKind, PayerTraits>> = {
  lnd: { booksSettleWithinMs: 300 },
  sandbox: {},
  lnbits: { failureReasonsInexact: true, failedInvoiceCannotBeRetried: true, booksSettleWithinMs: 1000 },
  phoenixd: { failureReasonsInexact: true, balanceInWholeSats: true, booksSettleWithinMs: 2000 },
  nwc: {
    failureReasonsInexact: true,
    refusalsMayBeUnknown: true,
    forgetsFailedPayments: true,
    booksSettleWithinMs: 2000,
  },
};

/** How wallets of this kind differ from LND, where they may; for a wallet that nobody described more exactly. */
export function issuerTraitsOf(kind: WalletKind): IssuerTraits {
  return ISSUER_TRAITS[kind];
}

/** The same of the paying side. */
export function payerTraitsOf(kind: WalletKind): PayerTraits {
  return PAYER_TRAITS[kind];
}
