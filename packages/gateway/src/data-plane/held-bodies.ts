/**
 * How much memory the bodies take together that are held before the decision: those of paid calls with an `Idempotency-Key`. One good credential, be it
 * used up, would else be enough to have any number of them held.
 */
export class HeldBodies {
  private held = 0;

  constructor(private readonly limitBytes: number) {}

  get bytes(): number {
    return this.held;
  }

  /** False where there is no room; nothing is taken then. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.limitBytes) return false;
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}
