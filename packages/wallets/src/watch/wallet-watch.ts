import { type ErrorCode, isSatwayError } from '@satway/base';
import { FigureWatch } from './figure-watch.js';
import { readFigures } from './read-figures.js';
import type { WalletFigures, WalletNews } from './watch-event.js';
import type { CheckedWatchOptions, WatchedWallet } from './watch-options.js';

/** Where one wallet stands, for a status page. */
export interface WatchedWalletState extends WalletFigures {
  readonly wallet: string;
  /** `null` before the first look-up has ended. */
  readonly reachable: boolean | null;
  readonly balanceLow: boolean;
  readonly inboundLow: boolean;
  /** Look-ups that failed in a row. */
  readonly failures: number;
  /** When the figures were read; `null` before the first time. */
  readonly readAtMs: number | null;
}

type LookUp = { readonly figures: WalletFigures } | { readonly code: ErrorCode };

const NO_FIGURES: WalletFigures = { balanceMsat: null, inboundMsat: null };

/** Watches one wallet until it is stopped. */
export class WalletWatch {
  readonly #watched: WatchedWallet;
  readonly #options: CheckedWatchOptions;
  readonly #signal: AbortSignal;
  readonly #balance: FigureWatch;
  readonly #inbound: FigureWatch;
  /** The look-up that the wallet has not answered yet; there is never a second one beside it. */
  #asked: Promise<LookUp> | null = null;
  #checking: Promise<void> | null = null;
  #figures = NO_FIGURES;
  #readAtMs: number | null = null;
  #failures = 0;
  #failingSinceMs = 0;
  #reachable: boolean | null = null;

  constructor(watched: WatchedWallet, options: CheckedWatchOptions, signal: AbortSignal) {
    this.#watched = watched;
    this.#options = options;
    this.#signal = signal;
    this.#balance = new FigureWatch('balance', watched.balanceBelowMsat);
    this.#inbound = new FigureWatch('inbound', watched.inboundBelowMsat);
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.check();
      await this.#options.clock.sleep(this.#waitMs(), this.#signal);
    }
  }

  /** One look-up, or the one that is under way. Never throws. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  state(): WatchedWalletState {
    return {
      wallet: this.#watched.name,
      reachable: this.#reachable,
      ...this.#figures,
      balanceLow: this.#balance.isLow,
      inboundLow: this.#inbound.isLow,
      failures: this.#failures,
      readAtMs: this.#readAtMs,
    };
  }

  async #check(): Promise<void> {
    const found = await this.#lookUp();
    if ('code' in found) this.#failed(found.code);
    else this.#read(found.figures);
  }

  /** What the wallet says, or `WALLET_TIMEOUT`. One that has not answered yet is not asked again: its late answer is waited for. */
  #lookUp(): Promise<LookUp> {
    this.#asked ??= ask(this.#watched.wallet).finally(() => {
      this.#asked = null;
    });
    return this.#withinTime(this.#asked);
  }

  async #withinTime(asked: Promise<LookUp>): Promise<LookUp> {
    const over = new AbortController();
    const end = () => over.abort();
    this.#signal.addEventListener('abort', end);
    const { clock, lookUpTimeoutMs } = this.#options;
    const timeout = clock.sleep(lookUpTimeoutMs, over.signal).then((): LookUp => ({ code: 'WALLET_TIMEOUT' }));
    const first = await Promise.race([asked, timeout]);
    this.#signal.removeEventListener('abort', end);
    end();
    return first;
  }

  #read(figures: WalletFigures): void {
    const downForMs = Math.max(0, this.#options.clock.nowMs() - this.#failingSinceMs);
    const wasUnreachable = this.#reachable === false;
    this.#failures = 0;
    this.#reachable = true;
    this.#figures = figures;
    this.#readAtMs = this.#options.clock.nowMs();
    this.#tell({ type: 'wallet_read', ...figures });
    if (wasUnreachable) this.#tell({ type: 'wallet_back', downForMs });
    const news = [...this.#balance.news(figures.balanceMsat), ...this.#inbound.news(figures.inboundMsat)];
    for (const one of news) this.#tell(one);
  }

  #failed(code: ErrorCode): void {
    if (this.#failures === 0) this.#failingSinceMs = this.#options.clock.nowMs();
    this.#failures += 1;
    const failures = this.#failures;
    this.#tell({ type: 'wallet_read_failed', code, failures });
    if (failures < this.#options.unreachableAfter || this.#reachable === false) return;
    this.#reachable = false;
    this.#tell({ type: 'wallet_unreachable', code, failures, sinceMs: this.#failingSinceMs });
  }

  #waitMs(): number {
    const { everyMs, retryEveryMs, random } = this.#options;
    const waitMs = this.#failures > 0 ? retryEveryMs : everyMs;
    return Math.round(waitMs * (0.9 + 0.2 * random()));
  }

  /** Nothing comes after a stop, not even of a look-up that was under way, or of one whose first event made the listener stop. */
  #tell(news: WalletNews): void {
    if (this.#signal.aborted) return;
    this.#options.onEvent({ ...news, wallet: this.#watched.name, atMs: this.#options.clock.nowMs() });
  }
}

async function ask(wallet: WatchedWallet['wallet']): Promise<LookUp> {
  try {
    return { figures: await readFigures(wallet) };
  } catch (error) {
    return { code: isSatwayError(error) ? error.code : 'INTERNAL' };
  }
}
