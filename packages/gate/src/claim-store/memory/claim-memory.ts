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
 * In one process a reply cannot be lost on its way, so a repeated call comes at once if it comes: more ends than this are never looked up, and one
 * payment that buys millions of calls would fill the memory with them.
 */
const MOST_REMEMBERED_CLAIMS = 1_024;

/**
 * The claims of one payment: those held, and the last that ended.
 *
 * Two generations, of which the older is dropped as a whole: taking claims out of one map one by one makes it replace its table again and
 * again (see `Roll`).
 */
export class ClaimMemory {
  readonly held = new Roll<RememberedClaim>();
  #young = new Map<string, RememberedClaim>();
  #old: Map<string, RememberedClaim> | null = null;
  #turnAtMs = 0;

  get(claimId: string): RememberedClaim | undefined {
    return this.#young.get(claimId) ?? this.#old?.get(claimId);
  }

  add(claim: RememberedClaim): void {
    // Held claims outlive every turn, so turning at each of them would bring nothing where most are held.
    if (this.#young.size >= Math.max(MOST_REMEMBERED_CLAIMS, 2 * this.held.size)) this.#turn();
    this.#young.set(claim.claimId, claim);
    this.held.add(claim);
  }

  end(claim: RememberedClaim, state: 'captured' | 'released' | 'expired'): void {
    this.held.remove(claim);
    claim.state = state;
    if (!this.#young.has(claim.claimId)) this.#young.set(claim.claimId, claim);
  }

  /** Lets ends go, each of them at the earliest `keptMs` after it came. */
  forgetEnds(nowMs: number, keptMs: number): void {
    if (nowMs < this.#turnAtMs) return;
    this.#turnAtMs = nowMs + keptMs;
    this.#turn();
  }

  #turn(): void {
    const next = new Map<string, RememberedClaim>();
    for (const [claimId, claim] of this.#old ?? []) if (claim.state === 'held') next.set(claimId, claim);
    this.#old = this.#young.size === 0 ? null : this.#young;
    this.#young = next;
  }
}
