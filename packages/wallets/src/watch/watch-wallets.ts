import type { WalletWatchEvent, WalletWatchListener } from './watch-event.js';
import { checkWatchOptions, type WatchOptions } from './watch-options.js';
import { WalletWatch, type WatchedWalletState } from './wallet-watch.js';

/** A watch that runs. */
export interface WalletsWatch {
  /** Looks at every wallet now, and resolves when each has answered or its time is over. Never rejects. */
  checkNow(): Promise<void>;
  /** Where each wallet stands, in the order in which they were given. */
  states(): WatchedWalletState[];
  /** Ends the watch: no event comes afterwards. Safe to call twice. */
  stop(): void;
}

/**
 * Watches wallets from now on: how much can be spent, how much can be received, and whether they answer at all.
 *
 * Each wallet is looked at in its own time, at first at once, with at most one look-up under way. A running watch never throws and keeps no process from ending.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a mark or a time that is no number in range. Funds moved: no.
 */
export function watchWallets(options: WatchOptions): WalletsWatch {
  const checked = checkWatchOptions(options);
  const stopping = new AbortController();
  const told = { ...checked, onEvent: quietly(checked.onEvent) };
  const watches = options.wallets.map((watched) => new WalletWatch(watched, told, stopping.signal));
  for (const watch of watches) void watch.run();
  return {
    checkNow: async () => void (await Promise.all(watches.map((watch) => watch.check()))),
    states: () => watches.map((watch) => watch.state()),
    stop: () => stopping.abort(),
  };
}

/** Calls a listener so that nothing it throws reaches the watch, not even later. */
function quietly(listener: WalletWatchListener): WalletWatchListener {
  return (event: WalletWatchEvent) => {
    try {
      const returned: unknown = listener(event);
      if (returned instanceof Promise) returned.catch(() => undefined);
    } catch {
      // A broken listener is the listener's problem.
    }
  };
}
