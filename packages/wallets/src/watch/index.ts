export type { WatchClock } from './watch-clock.js';
export type { WalletFigures, WalletWatchEvent, WalletWatchListener } from './watch-event.js';
export type { WatchedPayer, WatchedReceiver, WatchedWallet, WatchOptions } from './watch-options.js';
export type { WatchedWalletState } from './wallet-watch.js';
export { type WalletsWatch, watchWallets } from './watch-wallets.js';
