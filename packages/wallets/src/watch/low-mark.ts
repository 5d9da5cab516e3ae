/** What a figure did at a mark. */
export type MarkCrossing = 'low' | 'ok' | null;

/**
 * A mark with two edges: low below it, and no longer low only a tenth above it, so that a figure that wavers around the mark is told once.
 */
export class LowMark {
  readonly markMsat: number;
  readonly #upperMsat: number;
  #isLow = false;

  constructor(markMsat: number) {
    this.markMsat = markMsat;
    this.#upperMsat = Math.min(markMsat + Math.ceil(markMsat / 10), Number.MAX_SAFE_INTEGER);
  }

  get isLow(): boolean {
    return this.#isLow;
  }

  /** The edge that is crossed with this figure, if any. */
  cross(figureMsat: number): MarkCrossing {
    const crosses = this.#isLow ? figureMsat >= this.#upperMsat : figureMsat < this.markMsat;
    if (!crosses) return null;
    this.#isLow = !this.#isLow;
    return this.#isLow ? 'low' : 'ok';
  }
}
