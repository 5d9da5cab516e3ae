import type { InvoicePayer } from '@satway/wallets';
import { watchWallets } from '@satway/wallets/watch';
import type { CheckedWatch } from './check-options.js';
import type { EventListener } from './events.js';
import type { L402ClientOptions } from './options.js';

interface WatchParts {
  readonly wallet: InvoicePayer;
  readonly watch: CheckedWatch | null;
  /** Of the client. */
  readonly tell: EventListener;
}

/**
 * Watches the wallet of a client, where its options say so; it is called by its identity. Returns how to stop.
 *
 * The client's clock counts only where the caller has brought one: the machine's, as purchases use it, would keep a process alive between two look-ups.
 */
export function watchWallet({ wallet, watch, tell }: WatchParts, options: L402ClientOptions): () => void {
  if (watch === null) return () => undefined;
  const { balanceBelowMsat, everyMs, unreachableAfter } = watch;
  const mark = balanceBelowMsat === null ? {} : { balanceBelowMsat };
  const listener = options.watch?.onEvent;
  const running = watchWallets({
    wallets: [{ name: wallet.identity, wallet, ...mark }],
    everyMs,
    unreachableAfter,
    onEvent: (event) => {
      tell(event);
      return listener?.(event);
    },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return () => running.stop();
}
