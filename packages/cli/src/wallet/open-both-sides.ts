import { SatwayError } from '@satway/base';
import type { OwnWallet } from '@satway/wallets/conformance';
import {
  connectPayingWallet,
  inspectWallet,
  openReceivingWallet,
  type WalletSettings,
} from '@satway/wallets/open-wallet';

/** A wallet opened for all that its credential allows. */
export interface OpenedWallet {
  readonly wallet: OwnWallet;
  close(): Promise<void>;
}

/**
 * Asks what the credential allows and opens the wallet for that; where the wallet would not tell, for both.
 *
 * @throws {SatwayError} `WALLET_PERMISSION_DENIED` where the credential neither pays nor creates invoices; what connecting throws.
 */
export async function openBothSides(settings: WalletSettings): Promise<OpenedWallet> {
  const { can, kind, network } = await inspectWallet(settings);
  if (can.pay === false && can.createInvoice === false) {
    throw new SatwayError('WALLET_PERMISSION_DENIED', { detail: 'It neither pays nor creates invoices.' });
  }
  const payer = can.pay === false ? null : await connectPayingWallet(settings);
  const issuer = can.createInvoice === false ? null : await openReceivingWallet(settings);
  return {
    wallet: { kind, network: payer?.network ?? network, payer, issuer },
    async close() {
      await payer?.close();
      await issuer?.close();
    },
  };
}
