import { LRUCache } from 'lru-cache';
import type { Offer } from './offer.js';

/** Two calls before the payment come within seconds; longer would hand one buyer's invoice to a neighbour. */
export const WITHOUT_SECRET_MS = 10_000;
/** An invoice in its last moments is not handed out again: the payment would come too late. */
const LAST_MOMENTS_MS = 10_000;
const HASHES_PER_OFFER = 2;

/** The open invoices of this process, in bounded memory; nothing of it is worth keeping over a restart. */
export class OfferBook {
  readonly #byKey: LRUCache<string, Offer>;
  readonly #keyByHash = new Map<string, string>();
  readonly #seenHashes: LRUCache<string, true>;

  constructor(maxOffers: number) {
    this.#byKey = new LRUCache({
      max: maxOffers,
      dispose: (offer) => void this.#keyByHash.delete(offer.paymentHashHex),
    });
    this.#seenHashes = new LRUCache({ max: maxOffers * HASHES_PER_OFFER });
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The offer that may be made again now; `null` where there is none. */
  find(key: string, nowMs: number): Offer | null {
    const offer = this.#byKey.get(key);
    if (offer === undefined) return null;
    if (isStillOfferable(offer, nowMs)) return offer;
    this.#byKey.delete(key);
    return null;
  }

  holds(offer: Offer): boolean {
    return this.#keyByHash.get(offer.paymentHashHex) === offer.key;
  }

  /** Whether a payment hash was offered before: a wallet that gives one twice would make two buyers share a payment. */
  hasSeen(paymentHashHex: string): boolean {
    return this.#seenHashes.has(paymentHashHex);
  }

  keep(offer: Offer): void {
    this.#seenHashes.set(offer.paymentHashHex, true);
    // A slow wallet may answer the earlier of two requests last.
    const known = this.#byKey.peek(offer.key);
    if (known !== undefined && known.askedAtMs > offer.askedAtMs) return;
    this.#byKey.set(offer.key, offer);
    this.#keyByHash.set(offer.paymentHashHex, offer.key);
  }

  /** Its invoice was settled, closed, or its credential presented: it is never offered again. */
  forget(paymentHashHex: string): void {
    const key = this.#keyByHash.get(paymentHashHex);
    if (key !== undefined) this.#byKey.delete(key);
  }
}

function isStillOfferable(offer: Offer, nowMs: number): boolean {
  if (offer.isWithoutSecret && nowMs - offer.askedAtMs >= WITHOUT_SECRET_MS) return false;
  const lastMoments = Math.min(LAST_MOMENTS_MS, (offer.invoiceExpiresAtMs - offer.askedAtMs) / 10);
  return nowMs < offer.invoiceExpiresAtMs - lastMoments;
}
