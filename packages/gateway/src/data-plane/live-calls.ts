import { Roll } from '@satway/gate';
import type { LiveCall } from './call-surroundings.js';

const SWEEP_MS = 1_000;

/**
 * The calls that are under way. One timer ends those whose time is up: a timer for each would cost more than the rest of its bookkeeping.
 * So a call can live a second longer than its limit.
 */
export class LiveCalls {
  private readonly calls = new Roll<LiveCall>();
  private readonly timer: NodeJS.Timeout;
  private idleListeners: (() => void)[] = [];

  constructor(private readonly clock: () => number = Date.now) {
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  get size(): number {
    return this.calls.size;
  }

  add(call: LiveCall): void {
    this.calls.add(call);
  }

  remove(call: LiveCall): void {
    if (this.calls.remove(call) && this.calls.size === 0) this.tellIdle();
  }

  /** Ends all calls whose time is up; `all` for a stop that waits no longer. */
  sweep(all = false): void {
    const nowMs = this.clock();
    for (const call of this.calls) if (all || call.deadlineMs <= nowMs) call.timeIsUp();
  }

  /** Resolves when no call is under way, at once where none is. */
  whenIdle(): Promise<void> {
    if (this.calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleListeners.push(resolve));
  }

  close(): void {
    clearInterval(this.timer);
  }

  private tellIdle(): void {
    const listeners = this.idleListeners;
    this.idleListeners = [];
    for (const listener of listeners) listener();
  }
}
