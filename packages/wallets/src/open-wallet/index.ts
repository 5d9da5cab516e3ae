export type {
  LnbitsSettings,
  LndSettings,
  NwcSettings,
  PhoenixdSettings,
  WalletSettings,
} from './wallet-settings.js';
