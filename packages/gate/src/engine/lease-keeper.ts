import type { ClaimRef, ClaimStore } from '../claim-store/index.js';
import { type Enrolled, Roll } from '../roll.js';

/** A claim whose lease is to live on. */
export interface LeaseHolder extends Enrolled {
  readonly ref: ClaimRef;
  readonly leaseMs: number;
  /** The keeper's own: when to renew next, and for how long it has been held, in ticks. */
  dueTick: number;
  heldTicks: number;
  /** The store says that the claim is not this holder's any more. */
  onLost(): void;
  onDoubt(cause: unknown): void;
}

/** A lease is renewed when a third of it has passed, and looked at twice as often. */
const TICKS_PER_LEASE = 6;
const TICKS_PER_RENEWAL = 2;

/**
 * Renews the leases of all claims under way: one timer for all of them, which keeps no process alive. It counts ticks rather than reading a
 * clock, so that a clock that is set back does not let leases run out.
 */
export class LeaseKeeper {
  readonly #store: ClaimStore;
  readonly #maxHoldMs: number;
  readonly #holders = new Roll<LeaseHolder>();
  #tick = 0;
  #tickMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** @param maxHoldMs - a claim that was neither captured nor released for so long was abandoned; its lease is left to run out. */
  constructor(store: ClaimStore, maxHoldMs: number) {
    this.#store = store;
    this.#maxHoldMs = maxHoldMs;
  }

  hold(holder: LeaseHolder): void {
    if (this.#isClosed) return;
    const tickMs = holder.leaseMs / TICKS_PER_LEASE;
    if (this.#timer === null || tickMs < this.#tickMs) this.#startTicking(tickMs);
    holder.dueTick = this.#tick + this.#ticksBetweenRenewals(holder);
    holder.heldTicks = 0;
    this.#holders.add(holder);
  }

  letGo(holder: LeaseHolder): void {
    this.#holders.remove(holder);
  }

  /** Stops renewing; the leases run out by themselves. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#holders.clear();
  }

  #startTicking(tickMs: number): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#tickMs = tickMs;
    this.#timer = setInterval(() => this.#onTick(), tickMs);
    this.#timer.unref();
  }

  #ticksBetweenRenewals(holder: LeaseHolder): number {
    return Math.max(1, Math.floor((holder.leaseMs / TICKS_PER_LEASE / this.#tickMs) * TICKS_PER_RENEWAL));
  }

  #onTick(): void {
    this.#tick += 1;
    for (const holder of this.#holders) {
      holder.heldTicks += 1;
      if (holder.heldTicks * this.#tickMs > this.#maxHoldMs) this.letGo(holder);
      else if (holder.dueTick <= this.#tick) void this.#renew(holder);
    }
  }

  async #renew(holder: LeaseHolder): Promise<void> {
    holder.dueTick = this.#tick + this.#ticksBetweenRenewals(holder);
    try {
      const isHeld = await this.#store.renew(holder.ref, holder.leaseMs);
      // A claim that was let go meanwhile was captured or released: nothing is lost.
      if (isHeld || !this.#holders.has(holder)) return;
      this.letGo(holder);
      holder.onLost();
    } catch (cause) {
      holder.onDoubt(cause);
    }
  }
}
