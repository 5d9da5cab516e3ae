import { MOST_REVOCATIONS } from '../claim-rules.js';
import type { Revocation } from '../claim-store.js';

interface Revoked {
  readonly keepUntilMs: number;
  /** The values of the chain before it. */
  readonly above: readonly string[];
}

/** What of one payment is revoked. */
export class RevocationBook {
  readonly #byChainHash = new Map<string, Revoked>();

  get isEmpty(): boolean {
    return this.#byChainHash.size === 0;
  }

  holds(chainHashesHex: readonly string[]): boolean {
    return chainHashesHex.some((chainHashHex) => this.#byChainHash.has(chainHashHex));
  }

  /** @returns `false`, with nothing done, where there is no room. */
  add({ chainHashesHex, keepUntilMs }: Revocation, nowMs: number): boolean {
    const revoked = chainHashesHex.at(-1) ?? '';
    if (chainHashesHex.some((hash) => (this.#byChainHash.get(hash)?.keepUntilMs ?? 0) >= keepUntilMs)) return true;
    if (this.#countBeside(revoked, nowMs) >= MOST_REVOCATIONS) return false;
    for (const [hash, below] of this.#byChainHash) {
      if (below.above.includes(revoked) && below.keepUntilMs <= keepUntilMs) this.#byChainHash.delete(hash);
    }
    this.#byChainHash.set(revoked, { keepUntilMs, above: chainHashesHex.slice(0, -1) });
    return true;
  }

  /** @returns how many it forgot. */
  prune(nowMs: number): number {
    let pruned = 0;
    for (const [hash, { keepUntilMs }] of this.#byChainHash) {
      if (keepUntilMs <= nowMs && this.#byChainHash.delete(hash)) pruned += 1;
    }
    return pruned;
  }

  /** Those whose place it would not take. */
  #countBeside(revoked: string, nowMs: number): number {
    let count = 0;
    for (const [hash, { keepUntilMs, above }] of this.#byChainHash) {
      if (keepUntilMs > nowMs && hash !== revoked && !above.includes(revoked)) count += 1;
    }
    return count;
  }
}
