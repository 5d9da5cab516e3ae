import { hash } from 'node:crypto';
import { decodeMacaroonText, type KeyRing, type VerifiedCredential, verifyCredential } from '@satway/protocol';
import { LRUCache } from 'lru-cache';
import type { CounterTake } from '../claim-store/index.js';

/** A credential that verified, with what its claims are made of. Holds no secret. */
export interface GoodCredential {
  readonly credential: VerifiedCredential;
  readonly counters: readonly CounterTake[];
  /** Until when the payment's record must outlive it. */
  readonly keepUntilMs: number;
  /** Until when a revocation of it matters: neither it nor what derives from it lives longer. */
  readonly revokeUntilMs: number;
  readonly keyRing: KeyRing;
  readonly verifiedAtMs: number;
}

export type CredentialCheck =
  | { readonly ok: true; readonly value: GoodCredential }
  | { readonly ok: false; readonly reason: string };

export interface CredentialDeskOptions {
  readonly tenantId: string;
  readonly keyRing: () => KeyRing;
  /** A credential was seen to be paid for the first time since it left the cache. */
  readonly onPaid: (paymentHashHex: string) => void;
}

const MAX_CACHED_CREDENTIALS = 10_000;
/** So soon a master key that has come to the end of its time stops to verify what is in the cache. */
const VERIFY_AGAIN_AFTER_MS = 1_000;
const DAY_MS = 86_400_000;
const MSAT_PER_SAT = 1_000;

/**
 * Verifies credentials, with a bounded cache of those that verified (under the digest of what was presented, so that no secret stays in
 * memory). Only what cannot change is cached: expiry and terms are checked at each use, revocation and consumption are the
 * store's, and another key ring or a second of age verifies anew.
 */
export class CredentialDesk {
  readonly #options: CredentialDeskOptions;
  readonly #good = new LRUCache<string, GoodCredential>({ max: MAX_CACHED_CREDENTIALS });

  constructor(options: CredentialDeskOptions) {
    this.#options = options;
  }

  check(macaroonText: string, preimageHex: string, nowMs: number): CredentialCheck {
    const digest = hash('sha256', `${macaroonText}:${preimageHex}`, 'base64');
    const known = this.#good.get(digest);
    if (known !== undefined && this.#isFresh(known, nowMs)) return { ok: true, value: known };
    const checked = this.#verify(macaroonText, preimageHex, nowMs);
    if (checked.ok && comesAgain(checked.value)) this.#good.set(digest, checked.value);
    else this.#good.delete(digest);
    if (checked.ok && known === undefined) this.#options.onPaid(checked.value.credential.paymentHashHex);
    return checked;
  }

  #isFresh(known: GoodCredential, nowMs: number): boolean {
    const ageMs = nowMs - known.verifiedAtMs;
    return known.keyRing === this.#options.keyRing() && ageMs >= 0 && ageMs < VERIFY_AGAIN_AFTER_MS;
  }

  #verify(macaroonText: string, preimageHex: string, nowMs: number): CredentialCheck {
    const decoded = decodeMacaroonText(macaroonText);
    if (!decoded.ok) return { ok: false, reason: 'undecodable' };
    const { macaroon } = decoded.value;
    const keyRing = this.#options.keyRing();
    const { tenantId } = this.#options;
    const verified = verifyCredential({ macaroon, preimageHex, keyRing, tenantId, nowMs });
    if (!verified.ok) return verified;
    return { ok: true, value: goodCredential(verified.credential, keyRing, nowMs) };
  }
}

/** What opens one call is presented once; keeping it would only push out those that come again. */
function comesAgain({ credential }: GoodCredential): boolean {
  return credential.terms.uses > 1;
}

function goodCredential(credential: VerifiedCredential, keyRing: KeyRing, nowMs: number): GoodCredential {
  const costMsat = costOfOneCallMsat(credential.terms.priceMsat, credential.terms.uses);
  return {
    credential,
    counters: credential.counters.map(({ chainHashHex, kind, cap }) =>
      kind === 'n_uses' ? { chainHashHex, take: 1, cap } : { chainHashHex, take: costMsat, cap: cap * MSAT_PER_SAT },
    ),
    // The one credential that was minted for this payment; what holders add only shortens it, and does not count here.
    keepUntilMs: credential.terms.expiresAtMs + DAY_MS,
    revokeUntilMs: credential.terms.effectiveExpiresAtMs + DAY_MS,
    keyRing,
    verifiedAtMs: nowMs,
  };
}

/**
 * The highest that one call can cost a holder: its share of what the payment cost, rounded up to the millisatoshi, so that the calls of a branch never
 * cost more than its `max_sats` (three calls for 1,000 msat count 334 each, and a branch of one satoshi allows two).
 */
function costOfOneCallMsat(priceMsat: number, uses: number): number {
  return Math.ceil(priceMsat / uses);
}
