const MOST = 1000;

/** The invoices that this process issued last and that can still be paid; bounded, the oldest go first. */
export class OpenInvoices {
  readonly #expiresAtMs = new Map<string, number>();

  add(paymentHashHex: string, expiresAtMs: number): void {
    this.#expiresAtMs.set(paymentHashHex, expiresAtMs);
    if (this.#expiresAtMs.size <= MOST) return;
    const [oldest] = this.#expiresAtMs.keys();
    if (oldest !== undefined) this.#expiresAtMs.delete(oldest);
  }

  remove(paymentHashHex: string): void {
    this.#expiresAtMs.delete(paymentHashHex);
  }

  /** Expired ones are asked for a last time, since one that was settled in its last moment must not be missed. */
  takeStock(nowMs: number): string[] {
    const hashes = [...this.#expiresAtMs.keys()];
    for (const [hash, expiresAtMs] of this.#expiresAtMs) if (expiresAtMs < nowMs) this.#expiresAtMs.delete(hash);
    return hashes;
  }
}
