export {
  EVERY_METHOD,
  type RelayProcess,
  startRelay,
  startWalletService,
  type WalletServiceOptions,
  type WalletServiceProcess,
} from './processes.js';
