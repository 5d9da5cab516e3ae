import { Generations } from '../../generations.js';
import { type Enrolled, Roll } from '../../roll.js';
import type { CounterTake } from '../claim-store.js';

/** One claim of a payment: held until it is captured, released, or its lease runs out. */
export interface RememberedClaim extends Enrolled {
  readonly claimId: string;
  state: 'held' | 'captured' | 'released' | 'expired';
  leaseUntilMs: number;
  readonly counters: readonly CounterTake[];
  readonly keyHashHex: string | null;
}

/**
 * The claims of one payment: those held, and the last that ended. In one process a reply cannot be lost on its way, so a repeated call comes at once if it
 * comes: the last thousand ends are enough, and one payment that buys millions of calls must not fill the memory with them.
 */
export class ClaimMemory {
  readonly held = new Roll<RememberedClaim>();
  readonly #claims = new Generations<RememberedClaim>(({ state }) => state === 'held');
  #turnAtMs = 0;

  get(claimId: string): RememberedClaim | undefined {
    return this.#claims.get(claimId);
  }

  add(claim: RememberedClaim): void {
    this.#claims.set(claim.claimId, claim);
    this.held.add(claim);
  }

  end(claim: RememberedClaim, state: 'captured' | 'released' | 'expired'): void {
    this.held.remove(claim);
    claim.state = state;
    this.#claims.set(claim.claimId, claim);
  }

  /** Lets ends go, each of them at the earliest `keptMs` after it came. */
  forgetEnds(nowMs: number, keptMs: number): void {
    if (nowMs < this.#turnAtMs) return;
    this.#turnAtMs = nowMs + keptMs;
    this.#claims.turn();
  }
}
