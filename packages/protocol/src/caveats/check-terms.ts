import { type CanonicalPath, pathPrefixCovers } from '../path/index.js';
import type { CredentialTerms } from './terms.js';

/** What a credential is held against: facts of one request, not of the price table. */
export interface TermsRequest {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly method: string;
  readonly path: CanonicalPath;
  readonly nowMs: number;
  /** Quotes that were minted before are void. */
  readonly quotesValidAfterMs?: number;
  /** Digests of the request and the key that its caller proved; needed where the credential names one. */
  readonly bodySha256Hex?: string;
  readonly querySha256Hex?: string;
  readonly argsSha256Hex?: string;
  readonly pubkeyHex?: string;
}

export type TermsRefusal =
  | 'tenant'
  | 'endpoint'
  | 'services'
  | 'expired'
  | 'quote_void'
  | 'method'
  | 'path'
  | 'body'
  | 'query'
  | 'arguments'
  | 'pubkey';

export type TermsCheck = { readonly ok: true } | { readonly ok: false; readonly reason: TermsRefusal };

const GOOD: TermsCheck = { ok: true };

/**
 * Whether a credential opens this request. Counters, consumption and revocation are the store's; `model`, `uses` and `sessionId` are the caller's to act on.
 * Reasons are for the seller's log; outside all refusals look the same.
 */
export function checkTerms(terms: CredentialTerms, request: TermsRequest): TermsCheck {
  const reason = whyNotSold(terms, request) ?? whyNotNow(terms, request) ?? whyNotThisRequest(terms, request);
  return reason === null ? GOOD : { ok: false, reason };
}

function whyNotSold(terms: CredentialTerms, request: TermsRequest): TermsRefusal | null {
  if (terms.tenantId !== request.tenantId) return 'tenant';
  if (terms.endpointId !== request.endpointId) return 'endpoint';
  return isServiceOf(terms.services, request.endpointId) ? null : 'services';
}

/** Whatever the slug: the tenant's id, under which the credential is signed, binds it to its seller, who may take another name. */
function isServiceOf(services: string, endpointId: string): boolean {
  return services.slice(services.indexOf('/')) === `/${endpointId}:0`;
}

function whyNotNow(terms: CredentialTerms, { nowMs, quotesValidAfterMs }: TermsRequest): TermsRefusal | null {
  // Negated, so that a time that is no number refuses.
  if (!(nowMs < terms.effectiveExpiresAtMs)) return 'expired';
  if (quotesValidAfterMs === undefined) return null;
  return terms.mintedAtMs >= quotesValidAfterMs ? null : 'quote_void';
}

function whyNotThisRequest(terms: CredentialTerms, request: TermsRequest): TermsRefusal | null {
  if (!holds(terms.method, request.method)) return 'method';
  if (!terms.pathPrefixes.every((prefix) => pathPrefixCovers(prefix, request.path))) return 'path';
  if (!holds(terms.bodySha256Hex, request.bodySha256Hex)) return 'body';
  if (!holds(terms.querySha256Hex, request.querySha256Hex)) return 'query';
  if (!holds(terms.argsSha256Hex, request.argsSha256Hex)) return 'arguments';
  return holds(terms.pubkeyHex, request.pubkeyHex) ? null : 'pubkey';
}

/** A term that is there must be met; a fact that is missing meets none. */
function holds(term: string | null, fact: string | undefined): boolean {
  return term === null || term === fact;
}
