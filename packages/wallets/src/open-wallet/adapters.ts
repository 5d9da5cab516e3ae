import type { Egress } from '@satway/egress';
import type { PayingWallet, ReadingWallet, ReceivingWallet, WalletInspection } from '../wallet.js';
import type { LnbitsSettings, LndSettings, NwcSettings, PhoenixdSettings, WalletSettings } from './wallet-settings.js';

/** What the opener brings to every adapter. */
export interface OpenWalletOptions {
  /** The door out; one of the wallet's own where left out. */
  readonly egress?: Egress;
}

/** What can be done with one wallet, its adapter loaded and its settings filled in. */
interface Adapter {
  openReceiving(): ReceivingWallet;
  connectPaying(): Promise<PayingWallet>;
  connectReading(): Promise<ReadingWallet>;
  inspect(): Promise<WalletInspection>;
}

/** Loads the one adapter that is asked for, so that nobody pays for the code of the other three. */
export function loadAdapter(settings: WalletSettings, options: OpenWalletOptions): Promise<Adapter> {
  switch (settings.kind) {
    case 'lnd':
      return loadLnd({ ...settings, ...options });
    case 'phoenixd':
      return loadPhoenixd({ ...settings, ...options });
    case 'lnbits':
      return loadLnbits({ ...settings, ...options });
    case 'nwc':
      return loadNwc({ ...settings, ...options });
  }
}

async function loadLnd(options: LndSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectLndPayer, createLndIssuer, inspectLnd } = await import('../lnd/index.js');
  return {
    openReceiving: () => createLndIssuer(options),
    connectPaying: () => connectLndPayer(options),
    connectReading: () => connectLndPayer(options),
    inspect: () => inspectLnd(options),
  };
}

async function loadPhoenixd(options: PhoenixdSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectPhoenixdPayer, createPhoenixdIssuer, inspectPhoenixd } = await import('../phoenixd/index.js');
  return {
    openReceiving: () => createPhoenixdIssuer(options),
    connectPaying: () => connectPhoenixdPayer(options),
    connectReading: () => connectPhoenixdPayer(options),
    inspect: () => inspectPhoenixd(options),
  };
}

async function loadLnbits(options: LnbitsSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectLnbitsPayer, connectLnbitsReader, createLnbitsIssuer, inspectLnbits } = await import(
    '../lnbits/index.js'
  );
  return {
    openReceiving: () => createLnbitsIssuer(options),
    connectPaying: () => connectLnbitsPayer(options),
    connectReading: () => connectLnbitsReader(options),
    inspect: () => inspectLnbits(options),
  };
}

async function loadNwc(options: NwcSettings & OpenWalletOptions): Promise<Adapter> {
  const { connectNwcPayer, createNwcIssuer, inspectNwc } = await import('../nwc/index.js');
  return {
    openReceiving: () => createNwcIssuer(options),
    connectPaying: () => connectNwcPayer(options),
    connectReading: () => connectNwcPayer(options),
    inspect: () => inspectNwc(options),
  };
}
