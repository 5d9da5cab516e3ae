import type { KeyRing } from '@satway/protocol';
import type { InvoiceIssuer, InvoiceRequest } from '@satway/wallets';
import { createRateLimiter, type GateLimits, type RateLimiter } from '../limits/index.js';
import { checkIssuedInvoice } from './issued-invoice.js';
import { mintOffer } from './mint-offer.js';
import type { Offer, OfferRequest, OfferResult } from './offer.js';
import { OfferBook, WITHOUT_SECRET_MS } from './offer-book.js';
import { offerKey } from './offer-key.js';
import { SharedWork } from './shared-work.js';

export interface OfferDeskOptions {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly keyRing: () => KeyRing;
  readonly issuer: InvoiceIssuer;
  readonly clock: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly limits: GateLimits;
  /** Longest life of an invoice. */
  readonly invoiceExpiryMs: number;
}

const MAX_OPEN_OFFERS = 10_000;
const MAX_COUNTED_ADDRESSES = 20_000;
/** What every wallet takes: phoenixd no more than this. */
const MAX_DESCRIPTION = 128;
const WALLET_KEY = 'wallet';
const BUSY_RETRY_MS = 1_000;

/**
 * Makes offers: a new invoice with its macaroon, or an open one again where the caller is known to be the same. Everything is in memory; an
 * unpaid caller costs no database write and, at most, one invoice.
 */
export class OfferDesk {
  readonly #options: OfferDeskOptions;
  readonly #book = new OfferBook(MAX_OPEN_OFFERS);
  readonly #underWay = new SharedWork<OfferResult>();
  readonly #perAddress: RateLimiter;
  readonly #perWallet: RateLimiter;
  readonly #stopListening: () => void;

  constructor(options: OfferDeskOptions) {
    this.#options = options;
    this.#perAddress = createRateLimiter(options.limits.invoicesPerAddress, MAX_COUNTED_ADDRESSES);
    this.#perWallet = createRateLimiter(options.limits.invoicesPerWallet, 1);
    const stop = options.issuer.onSettled?.(({ paymentHashHex }) => this.forget(paymentHashHex));
    this.#stopListening = stop ?? (() => undefined);
  }

  /** Never rejects: a wallet that fails is an outcome. Equal requests at the same time share one invoice. */
  offer(request: OfferRequest): Promise<OfferResult> {
    const key = offerKey(this.#options.tenant.id, request);
    const nowMs = this.#options.clock();
    const underWay = this.#underWay.find(key, joinsAfterMs(request, nowMs));
    if (underWay !== null) return underWay.then(asRepeated);
    const open = this.#findOpen(key, nowMs);
    if (open !== null && this.#canRepeatAtOnce(open)) {
      return Promise.resolve({ outcome: 'offered', offer: open, isRepeated: true });
    }
    const retryAfterMs = this.#takeFromLimits(request.scope, nowMs);
    if (retryAfterMs > 0) return Promise.resolve({ outcome: 'limited', retryAfterMs });
    // What may end with an open offer is shared for no longer than that offer itself.
    return this.#underWay.share(key, this.#askWallet(key, request, open, nowMs), open?.askedAtMs ?? nowMs);
  }

  /** The invoice is settled or its credential was presented: never offer it again. */
  forget(paymentHashHex: string): void {
    this.#book.forget(paymentHashHex);
  }

  close(): void {
    this.#stopListening();
  }

  /** One whose wallet must not sell any more is not offered again, and kept in case that it may again. */
  #findOpen(key: string, nowMs: number): Offer | null {
    const open = this.#book.find(key, nowMs);
    return open === null || this.#isWithdrawn(open) ? null : open;
  }

  #isWithdrawn({ paymentHashHex }: Offer): boolean {
    return this.#options.issuer.isWithdrawn?.(paymentHashHex) === true;
  }

  #canRepeatAtOnce(offer: Offer): boolean {
    return this.#options.issuer.onSettled !== undefined && this.#isKeyStillKnown(offer);
  }

  /** After a rotation the macaroon of an open offer may be under a key that is gone: nobody must pay for that. */
  #isKeyStillKnown(offer: Offer): boolean {
    const { keyRing, tenant, clock } = this.#options;
    const ring = keyRing();
    return (
      ring === offer.keyRing ||
      ring.rootKey({ kind: 'l402', tenantId: tenant.id, tokenId: offer.tokenId }, clock()) !== null
    );
  }

  #takeFromLimits(scope: string, nowMs: number): number {
    if (this.#underWay.size >= this.#options.limits.invoicesInFlight) return BUSY_RETRY_MS;
    return this.#perAddress.take(scope, nowMs) || this.#perWallet.take(WALLET_KEY, nowMs);
  }

  async #askWallet(key: string, request: OfferRequest, open: Offer | null, askedAtMs: number): Promise<OfferResult> {
    try {
      if (open !== null && (await this.#isStillOpen(open)))
        return { outcome: 'offered', offer: open, isRepeated: true };
      return { outcome: 'offered', offer: await this.#makeOffer(key, request, askedAtMs), isRepeated: false };
    } catch (cause) {
      return { outcome: 'failed', cause };
    }
  }

  /** Asks a wallet that tells no news before an invoice is offered again. One that cannot say may be down while another of the list sells on. */
  async #isStillOpen(offer: Offer): Promise<boolean> {
    const state = await this.#options.issuer.lookUp(offer.paymentHashHex).then(
      (found) => found.state,
      () => null,
    );
    if (state === null) return false;
    if (state !== 'open') this.#book.forget(offer.paymentHashHex);
    return this.#book.holds(offer) && !this.#isWithdrawn(offer) && this.#isKeyStillKnown(offer);
  }

  async #makeOffer(key: string, request: OfferRequest, askedAtMs: number): Promise<Offer> {
    const { tenant, issuer, clock, randomBytes } = this.#options;
    const asked = this.#invoiceRequest(request);
    const issued = await issuer.create(asked);
    const nowMs = clock();
    const invoice = checkIssuedInvoice(issued, asked, issuer.network, nowMs, (hash) => this.#book.hasSeen(hash));
    const keyRing = this.#options.keyRing();
    const offer = mintOffer(key, request, invoice, { tenant, keyRing, nowMs, askedAtMs, randomBytes });
    this.#book.keep(offer);
    return offer;
  }

  #invoiceRequest({ endpoint, price }: OfferRequest): InvoiceRequest {
    const calls = price.uses === 1 ? '' : `, ${price.uses} calls`;
    return {
      amountMsat: price.priceMsat,
      description: `${this.#options.tenant.slug}/${endpoint.id}${calls}`.slice(0, MAX_DESCRIPTION),
      // At most a third of the credential's life, so that nobody pays for a dead credential.
      expirySeconds: Math.floor(Math.min(this.#options.invoiceExpiryMs / 1_000, endpoint.credentialLifeMs / 3_000)),
    };
  }
}

/** Work that began at this time or before is not joined: without a secret, strangers share an invoice only where they ask within the same seconds. */
function joinsAfterMs({ callerSecret }: OfferRequest, nowMs: number): number {
  return callerSecret === null ? nowMs - WITHOUT_SECRET_MS : Number.NEGATIVE_INFINITY;
}

function asRepeated(result: OfferResult): OfferResult {
  return result.outcome === 'offered' ? { ...result, isRepeated: true } : result;
}
