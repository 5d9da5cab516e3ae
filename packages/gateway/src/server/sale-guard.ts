import type { SatwayError } from '@satway/base';
import type { ReceivingWallet } from '@satway/wallets';

/** A wallet that can be kept from selling. What was paid for is still looked up and heard of. */
export interface SaleGuard {
  readonly wallet: ReceivingWallet;
  /** From now on no invoice is made: `create` throws this. */
  forbid(reason: SatwayError): void;
}

export function guardSales(wallet: ReceivingWallet): SaleGuard {
  let forbidden: SatwayError | null = null;
  const guarded: ReceivingWallet = {
    kind: wallet.kind,
    preimageIsProof: wallet.preimageIsProof,
    get network() {
      return wallet.network;
    },
    async create(request) {
      if (forbidden !== null) throw forbidden;
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
