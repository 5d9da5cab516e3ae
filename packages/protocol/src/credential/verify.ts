import { bytesToHex, equalBytes, hexToBytes, sha256, sha256Hex } from '../bytes/index.js';
import { type CounterTerm, type CredentialTerms, interpretCaveats } from '../caveats/index.js';
import type { KeyRing } from '../key-ring/index.js';
import { decodeIdentifier, encodeMacaroon, type Macaroon, signatureChain } from '../macaroon/index.js';
import { MACAROON_LOCATION } from '../names.js';

/** A quota of a branch and the key it is counted under. */
export interface BranchCounter extends CounterTerm {
  /** SHA-256 of the chain value just after the caveat. */
  readonly chainHashHex: string;
}

/** A credential whose signature and preimage are good. Holds no secret, so it may be cached. */
export interface VerifiedCredential {
  readonly paymentHashHex: string;
  readonly tokenIdHex: string;
  /** SHA-256 of the macaroon's bytes, the form in which others refer to it. */
  readonly macaroonSha256Hex: string;
  readonly terms: CredentialTerms;
  /** SHA-256 of each value of the signature chain: after the identifier, then after each caveat. A revocation names one of them. */
  readonly chainHashesHex: readonly string[];
  /** The last of them: what revoking this very credential stores. */
  readonly finalChainHashHex: string;
  readonly counters: readonly BranchCounter[];
}

/** For the seller's log; outside all refusals look the same. */
export type CredentialRefusal = 'location' | 'identifier' | 'preimage' | 'unknown_key' | 'forged' | 'caveat' | 'tenant';

export type CredentialVerification =
  | { readonly ok: true; readonly credential: VerifiedCredential }
  | { readonly ok: false; readonly reason: CredentialRefusal };

export interface CredentialToVerify {
  readonly macaroon: Macaroon;
  /** The bytes it was decoded from, where they are at hand. */
  readonly macaroonBytes?: Uint8Array;
  readonly preimageHex: string;
  readonly keyRing: KeyRing;
  /** The tenant's UUID, lower case. */
  readonly tenantId: string;
  readonly kind?: 'l402';
  readonly nowMs: number;
}

/**
 * Verifies one credential: location, preimage, signature under the tenant's derived key (one HMAC per caveat), and that every caveat is known. Time, request, quotas
 * and revocation are not looked at: see `checkTerms` and the claim store. Bad input never throws.
 *
 * @throws {SatwayError} `KEY_RING_INVALID`: the tenant id is no lower-case UUID. Funds moved: no.
 */
export function verifyCredential(input: CredentialToVerify): CredentialVerification {
  const { macaroon, preimageHex, keyRing, tenantId, kind = 'l402', nowMs } = input;
  if (macaroon.location !== MACAROON_LOCATION) return refused('location');
  const identifier = decodeIdentifier(macaroon.identifier);
  if (!identifier.ok) return refused('identifier');
  const { paymentHashHex, tokenId } = identifier.value;
  if (!preimageMatches(preimageHex, paymentHashHex)) return refused('preimage');
  const rootKey = keyRing.rootKey({ kind, tenantId, tokenId }, nowMs);
  if (rootKey === null) return refused('unknown_key');
  const chain = signatureChain(rootKey, macaroon);
  if (!equalBytes(chain.at(-1) ?? rootKey, macaroon.signature)) return refused('forged');
  const terms = interpretCaveats(macaroon.caveats);
  if (!terms.ok) return refused('caveat');
  if (terms.value.tenantId !== tenantId) return refused('tenant');
  const macaroonSha256Hex = sha256Hex(input.macaroonBytes ?? encodeMacaroon(macaroon));
  return { ok: true, credential: describe(terms.value, { paymentHashHex, tokenId, macaroonSha256Hex }, chain) };
}

interface CredentialIds {
  readonly paymentHashHex: string;
  readonly tokenId: Uint8Array;
  readonly macaroonSha256Hex: string;
}

function describe(terms: CredentialTerms, ids: CredentialIds, chain: readonly Uint8Array[]): VerifiedCredential {
  const chainHashesHex = chain.map((value) => sha256Hex(value));
  // The chain has one value more than there are caveats: value n + 1 stands just after caveat n.
  const hashAfter = (caveatIndex: number): string => chainHashesHex[caveatIndex + 1] ?? '';
  return {
    paymentHashHex: ids.paymentHashHex,
    tokenIdHex: bytesToHex(ids.tokenId),
    macaroonSha256Hex: ids.macaroonSha256Hex,
    terms,
    chainHashesHex,
    finalChainHashHex: hashAfter(chain.length - 2),
    counters: terms.counters.map((counter) => ({ ...counter, chainHashHex: hashAfter(counter.caveatIndex) })),
  };
}

/** Whether a preimage (64 hex digits, either case) hashes to a payment hash; compared in constant time. */
export function preimageMatches(preimageHex: string, paymentHashHex: string): boolean {
  const preimage = hexToBytes(preimageHex.toLowerCase());
  const hash = hexToBytes(paymentHashHex.toLowerCase());
  if (!preimage.ok || preimage.value.length !== 32 || !hash.ok) return false;
  return equalBytes(sha256(preimage.value), hash.value);
}

function refused(reason: CredentialRefusal): CredentialVerification {
  return { ok: false, reason };
}
