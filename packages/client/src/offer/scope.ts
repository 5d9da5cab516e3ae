import type { CredentialTerms } from '@satway/protocol';
import type { Target } from '../call/index.js';

/** What an imported credential opens that says nothing that can be read: whatever its host sells, for all that is known. */
export const HOST_SCOPE = 'host';

/**
 * Where a credential can be used again. One whose price depended on a body or a query opens that body or query only; one that says nothing
 * that can be read opens, for all that is known, this very URL.
 */
export function scopeOf(terms: CredentialTerms | null, { method, url }: Pick<Target, 'method' | 'url'>): string {
  return terms === null ? `url:${method} ${url}` : endpointScopeOf(terms);
}

export function endpointScopeOf({
  tenantId,
  endpointId,
  bodySha256Hex,
  querySha256Hex,
  argsSha256Hex,
}: CredentialTerms): string {
  const bound = [bodySha256Hex, querySha256Hex, argsSha256Hex].map((digest) => digest ?? '').join('/');
  return `endpoint:${tenantId}/${endpointId}/${bound}`;
}

/** How many calls a credential buys; `null` where it does not say. A pass, a bucket or a deposit is counted by its session, not by calls. */
export function usesOf(terms: CredentialTerms | null): number | null {
  return terms?.model === 'per_request' ? terms.uses : null;
}
