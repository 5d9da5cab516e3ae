export type { OpenWalletOptions } from './adapters.js';
export { connectPayingWallet, connectReadingWallet, inspectWallet, openReceivingWallet } from './open-wallet.js';
export type {
  LnbitsSettings,
  LndSettings,
  NwcSettings,
  PhoenixdSettings,
  WalletSettings,
} from './wallet-settings.js';
