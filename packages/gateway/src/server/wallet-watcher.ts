import type { ErrorCode } from '@satway/base';
import { type WalletWatchEvent, watchWallets } from '@satway/wallets/watch';
import type { WatchConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';
import type { WatchedReceiver } from '@satway/wallets/watch';

const MSAT_PER_SAT = 1_000;

export interface WatcherParts {
  readonly wallets: readonly { readonly name: string; readonly wallet: WatchedReceiver }[];
  readonly config: WatchConfig;
  readonly logger: Logger;
  /** For metrics, and for what waits for a wallet to answer. */
  readonly onEvent: (event: WalletWatchEvent) => void;
}

/** Looks at the wallets from now on, and tells in the log what a person should know. Returns how to stop. */
export function startWalletWatch({ wallets, config, logger, onEvent }: WatcherParts): () => void {
  const { inboundBelowSats, everyMs } = config;
  const mark = inboundBelowSats === null ? {} : { inboundBelowMsat: inboundBelowSats * MSAT_PER_SAT };
  const watch = watchWallets({
    wallets: wallets.map(({ name, wallet }) => ({ name, wallet, ...mark })),
    everyMs,
    onEvent: (event) => {
      onEvent(event);
      logWalletEvent(event, logger);
    },
  });
  return () => watch.stop();
}

/** A wallet that does not answer stops new sales only, so it is a warning. */
function logWalletEvent(event: WalletWatchEvent, logger: Logger): void {
  const { type, atMs: _atMs, ...facts } = event;
  if (type === 'wallet_read') return;
  if (type === 'wallet_read_failed') return logFailure(event, facts, logger);
  if (type === 'wallet_unreachable') return logger.error(facts, describeOutage(event.code));
  if (type === 'wallet_inbound_low') return logger.warn(facts, 'the wallet can receive less than the mark');
  if (type === 'wallet_unmeasured') return logger.warn(facts, 'the wallet does not tell how much it can receive');
  logger.info(facts, type === 'wallet_back' ? 'the wallet answers again' : 'the wallet can receive enough again');
}

function describeOutage(code: ErrorCode): string {
  if (code === 'WALLET_PERMISSION_DENIED') return 'the wallet has refused its credential several times in a row';
  return 'the wallet has not answered several times in a row';
}

type Failure = Extract<WalletWatchEvent, { type: 'wallet_read_failed' }>;

function logFailure({ code, failures }: Failure, facts: object, logger: Logger): void {
  const what = code === 'WALLET_PERMISSION_DENIED' ? 'does not take this credential (any more)' : 'does not answer';
  const text = `the wallet ${what}: nothing can be sold until it does; what was paid for is honoured`;
  if (failures === 1) logger.warn(facts, text);
  else logger.debug(facts, text);
}
