const MOST = 1000;

/** Room for whatever the two clocks measure differently. */
const MARGIN_MS = 60_000;

/**
 * The invoices that this process issued last and that can still be paid; bounded, the oldest go first. Their time is counted from when they were made by a
 * clock of ours: the wallet's may be off by hours.
 */
export class OpenInvoices {
  readonly #expiresAtMs = new Map<string, number>();

  add(paymentHashHex: string, lastsMs: number): void {
    this.#expiresAtMs.set(paymentHashHex, performance.now() + lastsMs + MARGIN_MS);
    if (this.#expiresAtMs.size <= MOST) return;
    const [oldest] = this.#expiresAtMs.keys();
    if (oldest !== undefined) this.#expiresAtMs.delete(oldest);
  }

  remove(paymentHashHex: string): void {
    this.#expiresAtMs.delete(paymentHashHex);
  }

  /** Expired ones are asked for a last time, since one that was settled in its last moment must not be missed. */
  takeStock(): string[] {
    const nowMs = performance.now();
    const hashes = [...this.#expiresAtMs.keys()];
    for (const [hash, expiresAtMs] of this.#expiresAtMs) if (expiresAtMs < nowMs) this.#expiresAtMs.delete(hash);
    return hashes;
  }
}
