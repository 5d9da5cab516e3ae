import { SatwayError } from '@satway/base';
import type { ReceivingWallet } from '@satway/wallets';

/** A wallet that sells only once it was allowed to, and offers no invoice again that it made before. What was paid for is looked up and heard of all the same. */
export interface SaleGuard {
  readonly wallet: ReceivingWallet;
  /** From now on invoices are made. */
  allow(): void;
  /** No invoice is made: `create` throws `WALLET_PERMISSION_DENIED`, so that the next wallet in a list is asked, with this cause. */
  forbid(reason: SatwayError): void;
}

const NOT_JUDGED = 'Nothing is sold with this wallet before it has told what its credential may do.';
const NOT_SOLD = 'Nothing is sold with this wallet, since its credential can spend, or may be able to.';

/** Nothing is sold at first. */
export function guardSales(wallet: ReceivingWallet): SaleGuard {
  let refusal: { readonly detail: string; readonly cause?: SatwayError } | null = { detail: NOT_JUDGED };
  const check = (): void => {
    if (refusal !== null) throw new SatwayError('WALLET_PERMISSION_DENIED', refusal);
  };
  const guarded: ReceivingWallet = {
    kind: wallet.kind,
    preimageIsProof: wallet.preimageIsProof,
    get network() {
      return wallet.network;
    },
    async create(request) {
      check();
      const issued = await wallet.create(request);
      // It may have been judged while the invoice was made.
      check();
      return issued;
    },
    lookUp: (paymentHashHex) => wallet.lookUp(paymentHashHex),
    // Whoever was offered it may pay it, and is served; nobody else is led to pay into a wallet that must not sell.
    isWithdrawn: (paymentHashHex) => refusal !== null || wallet.isWithdrawn?.(paymentHashHex) === true,
    ...(wallet.onSettled === undefined ? {} : { onSettled: wallet.onSettled.bind(wallet) }),
    inspect: () => wallet.inspect(),
    receivableMsat: () => wallet.receivableMsat(),
    close: () => wallet.close(),
  };
  return {
    wallet: guarded,
    allow: () => void (refusal = null),
    forbid: (cause) => void (refusal = { detail: NOT_SOLD, cause }),
  };
}
