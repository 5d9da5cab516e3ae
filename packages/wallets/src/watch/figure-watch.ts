import type { WalletNews } from './watch-event.js';
import { LowMark } from './low-mark.js';

/** Compares one figure of a wallet with its mark, where it has one. */
export class FigureWatch {
  readonly #figure: 'balance' | 'inbound';
  readonly #mark: LowMark | null;
  #unmeasured = false;

  constructor(figure: 'balance' | 'inbound', markMsat: number | undefined) {
    this.#figure = figure;
    this.#mark = markMsat === undefined ? null : new LowMark(markMsat);
  }

  get isLow(): boolean {
    return this.#mark?.isLow ?? false;
  }

  /** What there is to tell about this figure; `null` is one that the wallet does not say. */
  news(figureMsat: number | null): WalletNews[] {
    if (this.#mark === null) return [];
    const { markMsat } = this.#mark;
    const wasUnmeasured = this.#unmeasured;
    this.#unmeasured = figureMsat === null;
    if (figureMsat === null) {
      return wasUnmeasured ? [] : [{ type: 'wallet_unmeasured', figure: this.#figure, markMsat }];
    }
    const edge = this.#mark.cross(figureMsat);
    if (edge === null) return [];
    return this.#figure === 'balance'
      ? [{ type: `wallet_balance_${edge}`, balanceMsat: figureMsat, markMsat }]
      : [{ type: `wallet_inbound_${edge}`, inboundMsat: figureMsat, markMsat }];
  }
}
