import { bytesToHex, equalBytes, isHex64, sha256 } from '../bytes/index.js';
import { type BranchCounter, type CredentialTerms, interpretCaveats } from '../caveats/index.js';
import type { KeyRing, RootKeyKind } from '../key-ring/index.js';
import { decodeIdentifier, type Macaroon, signatureChain } from '../macaroon/index.js';
import { MACAROON_LOCATION } from '../names.js';

/** What to verify, and against what. */
export interface CredentialToVerify {
  readonly macaroon: Macaroon;
  readonly preimageHex: string;
  readonly keyRing: KeyRing;
  readonly tenantId: string;
  readonly kind?: RootKeyKind;
  readonly nowMs: number;
}

/** A branch counter with the key under which it is counted. */
export interface CountedBranch extends BranchCounter {
  /** SHA-256 of the chain value just after the caveat. */
  readonly chainHashHex: string;
}

/** A credential that this tenant minted and whose payment was proven. Its terms are still to be held against the request. */
export interface VerifiedCredential {
  readonly paymentHashHex: string;
  readonly tokenIdHex: string;
  readonly terms: CredentialTerms;
  /** SHA-256 of each chain value, the identifier's first. */
  readonly chainHashesHex: readonly string[];
  readonly finalChainHashHex: string;
  readonly counters: readonly CountedBranch[];
}

export type CredentialRefusal = 'location' | 'identifier' | 'preimage' | 'unknown_key' | 'forged' | 'caveat';

export type Verification =
  | { readonly ok: true; readonly credential: VerifiedCredential }
  | { readonly ok: false; readonly reason: CredentialRefusal };

/** Whether the preimage is that of the payment hash, in constant time. */
export function preimageMatches(preimageHex: string, paymentHashHex: string): boolean {
  if (!isHex64(preimageHex) || !isHex64(paymentHashHex)) return false;
  return equalBytes(sha256(Buffer.from(preimageHex, 'hex')), Buffer.from(paymentHashHex, 'hex'));
}

/** Checks location, identifier, preimage, signature and caveats; touches no database. Never throws on what a caller can send. */
export function verifyCredential(input: CredentialToVerify): Verification {
  const { macaroon, preimageHex, keyRing, tenantId, kind = 'l402', nowMs } = input;
  if (macaroon.location !== MACAROON_LOCATION) return refused('location');
  const identifier = decodeIdentifier(macaroon.identifier);
  if (!identifier.ok) return refused('identifier');
  const { paymentHashHex, tokenId } = identifier.value;
  if (!preimageMatches(preimageHex, paymentHashHex)) return refused('preimage');
  const rootKey = keyRing.rootKey({ kind, tenantId, tokenId }, nowMs);
  if (rootKey === null) return refused('unknown_key');
  const chain = signatureChain(rootKey, macaroon);
  if (!equalBytes(chain.at(-1) ?? new Uint8Array(0), macaroon.signature)) return refused('forged');
  const terms = interpretCaveats(macaroon.caveats);
  if (!terms.ok) return refused('caveat');
  return { ok: true, credential: describe(paymentHashHex, tokenId, terms.value, chain) };
}

function describe(
  paymentHashHex: string,
  tokenId: Uint8Array,
  terms: CredentialTerms,
  chain: readonly Uint8Array[],
): VerifiedCredential {
  const chainHashesHex = chain.map((value) => bytesToHex(sha256(value)));
  const hashAt = (index: number): string => chainHashesHex[index] ?? '';
  return {
    paymentHashHex,
    tokenIdHex: bytesToHex(tokenId),
    terms,
    chainHashesHex,
    finalChainHashHex: hashAt(chainHashesHex.length - 1),
    counters: terms.counters.map((counter) => ({ ...counter, chainHashHex: hashAt(counter.caveatIndex + 1) })),
  };
}

function refused(reason: CredentialRefusal): Verification {
  return { ok: false, reason };
}
