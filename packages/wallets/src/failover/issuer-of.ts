const LONGEST = 10_000;

/** Which wallet issued which payment hash; the oldest are forgotten first. */
export class IssuerOf<T> {
  readonly #wallets = new Map<string, T>();

  get(paymentHashHex: string): T | undefined {
    return this.#wallets.get(paymentHashHex);
  }

  remember(paymentHashHex: string, wallet: T): void {
    this.#wallets.delete(paymentHashHex);
    this.#wallets.set(paymentHashHex, wallet);
    if (this.#wallets.size <= LONGEST) return;
    for (const oldest of this.#wallets.keys()) {
      this.#wallets.delete(oldest);
      return;
    }
  }
}
