import { SatwayError } from '@satway/base';
import type { ReceivingWallet } from '@satway/wallets';

/** A wallet that can be kept from selling. What was paid for is still looked up and heard of. */
export interface SaleGuard {
  readonly wallet: ReceivingWallet;
  /** From now on no invoice is made: `create` throws `WALLET_PERMISSION_DENIED`, so that the next wallet in a list is asked, with this cause. */
  forbid(reason: SatwayError): void;
}

const NOT_SOLD = 'Nothing is sold with this wallet, since its credential can spend.';

export function guardSales(wallet: ReceivingWallet): SaleGuard {
  let forbidden: SatwayError | null = null;
  const guarded: ReceivingWallet = {
    kind: wallet.kind,
    preimageIsProof: wallet.preimageIsProof,
    get network() {
      return wallet.network;
    },
    async create(request) {
      if (forbidden !== null) throw new SatwayError('WALLET_PERMISSION_DENIED', { cause: forbidden, detail: NOT_SOLD });
      return wallet.create(request);
    },
    lookUp: (paymentHashHex) => wallet.lookUp(paymentHashHex),
    ...(wallet.onSettled === undefined ? {} : { onSettled: wallet.onSettled.bind(wallet) }),
    inspect: () => wallet.inspect(),
    receivableMsat: () => wallet.receivableMsat(),
    close: () => wallet.close(),
  };
  return { wallet: guarded, forbid: (reason) => void (forbidden = reason) };
}
