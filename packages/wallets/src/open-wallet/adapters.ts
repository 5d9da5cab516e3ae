import { SatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import type { PayingWallet, ReceivingWallet, WalletInspection } from '../wallet.js';
import type { LndSettings, PhoenixdSettings, WalletSettings } from './wallet-settings.js';

/** What the opener brings to every adapter. */
export interface OpenWalletOptions {
  /** The door out; one of the wallet's own where left out. */
  readonly egress?: Egress;
}

/** What can be done with one wallet, its adapter loaded and its settings filled in. */
interface Adapter {
  openReceiving(): ReceivingWallet;
  connectPaying(): Promise<PayingWallet>;
  inspect(): Promise<WalletInspection>;
}

/** Loads the one adapter that is asked for, so that nobody pays for the code of the other three. */
export async function loadAdapter(settings: WalletSettings, options: OpenWalletOptions): Promise<Adapter> {
  switch (settings.kind) {
    case 'lnd':
      return loadLnd({ ...settings, ...options });
    case 'phoenixd':
      return loadPhoenixd({ ...settings, ...options });
    default:
      throw new SatwayError('WALLET_NOT_CONFIGURED', { detail: `There is no adapter for ${settings.kind} yet.` });
  }
}

async function loadLnd(options: LndSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectLndPayer, createLndIssuer, inspectLnd } = await import('../lnd/index.js');
  return {
    openReceiving: () => createLndIssuer(options),
    connectPaying: () => connectLndPayer(options),
    inspect: () => inspectLnd(options),
  };
}

async function loadPhoenixd(options: PhoenixdSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectPhoenixdPayer, createPhoenixdIssuer, inspectPhoenixd } = await import('../phoenixd/index.js');
  return {
    openReceiving: () => createPhoenixdIssuer(options),
    connectPaying: () => connectPhoenixdPayer(options),
    inspect: () => inspectPhoenixd(options),
  };
}
