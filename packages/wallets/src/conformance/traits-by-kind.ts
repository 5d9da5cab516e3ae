import type { WalletKind } from '../wallet.js';
import type { IssuerTraits, PayerTraits } from './traits.js';

/** As long as a wallet behind a service may take until its look-up knows what its payer knows. */
const LATE_MS = 10_000;

const ISSUER_TRAITS: Readonly<Record<WalletKind, IssuerTraits>> = {
  lnd: {},
  sandbox: {},
  lnbits: {
    wholeSatsOnly: true,
    settlementShowsWithinMs: LATE_MS,
    closedShowsWithinMs: LATE_MS,
  },
  phoenixd: {
    wholeSatsOnly: true,
    longestDescription: 128,
    settlementShowsWithinMs: LATE_MS,
    closedShowsWithinMs: LATE_MS,
  },
  nwc: { settlementShowsWithinMs: LATE_MS, closedShowsWithinMs: LATE_MS },
};

const PAYER_TRAITS: Readonly<Record<WalletKind, PayerTraits>> = {
  lnd: { booksSettleWithinMs: 300 },
  sandbox: {},
  // What its node has not refused within five seconds gets its end from a record that need not be of this request.
  lnbits: { failedInvoiceCannotBeRetried: true, refusalsMayBeUnknown: true, booksSettleWithinMs: 1000 },
  phoenixd: { balanceInWholeSats: true, booksSettleWithinMs: 1000 },
  nwc: { failureReasonsInexact: true, forgetsFailedPayments: true, booksSettleWithinMs: 1000 },
};

/** How wallets of this kind differ from LND, where they may; for a wallet of which nothing more exact is known. */
export function issuerTraitsOf(kind: WalletKind): IssuerTraits {
  return ISSUER_TRAITS[kind];
}

/** The same of the paying side. */
export function payerTraitsOf(kind: WalletKind): PayerTraits {
  return PAYER_TRAITS[kind];
}
