export { type Money, readMoney } from './money.js';
export {
  type CallRound,
  openSatwayContext,
  type SatwayContext,
  type SatwayContextOptions,
} from './satway-context.js';
export { WALLET_STATES, type WalletState } from './wallet-state.js';
