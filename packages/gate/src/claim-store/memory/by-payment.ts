import type { PaymentRef } from '../claim-store.js';

/**
 * Values under the payments of tenants. Two maps, one in the other: a key made of both parts would be a new text for each look, to be put together and hashed
 * each time.
 */
export class ByPayment<V> {
  readonly #tenants = new Map<string, Map<string, V>>();

  get({ tenantId, paymentHashHex }: PaymentRef): V | undefined {
    return this.#tenants.get(tenantId)?.get(paymentHashHex);
  }

  set({ tenantId, paymentHashHex }: PaymentRef, value: V): void {
    const payments = this.#tenants.get(tenantId);
    if (payments === undefined) this.#tenants.set(tenantId, new Map([[paymentHashHex, value]]));
    else payments.set(paymentHashHex, value);
  }

  clear(): void {
    this.#tenants.clear();
  }

  /** Drops what is dead. @returns how many. */
  dropWhere(isDead: (value: V) => boolean): number {
    let dropped = 0;
    for (const [tenantId, payments] of this.#tenants) {
      for (const [paymentHashHex, value] of payments) {
        if (isDead(value) && payments.delete(paymentHashHex)) dropped += 1;
      }
      if (payments.size === 0) this.#tenants.delete(tenantId);
    }
    return dropped;
  }
}
