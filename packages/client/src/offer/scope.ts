import { createHash } from 'node:crypto';
import { canonicalizePath, type CredentialTerms, pathPrefixCovers } from '@satway/protocol';
import type { Call, Target } from '../call/index.js';

/** What an imported credential opens that says nothing that can be read: whatever its host sells, for all that is known. */
export const HOST_SCOPE = 'host';

/** Stands as method of a tool call, which no HTTP call has: neither ever takes the other's credential. */
export const TOOL_METHOD = 'MCP';

/** Stands for what depends on nothing but its place. */
export const UNBOUND = '//';

const DIGESTS = /\/([0-9a-f]{64}|)\/([0-9a-f]{64}|)\/([0-9a-f]{64}|)$/;

/** What of a request a credential can depend on. Of a tool call, the digest is that of its server, tool and arguments. */
export type AskedThing = Pick<Call, 'method' | 'url' | 'bodySha256Hex'>;

/**
 * Where a credential can be used again. One whose price depended on a body or a query opens that body or query only; one that says nothing
 * that can be read opens, for all that is known, this very URL.
 */
export function scopeOf(terms: CredentialTerms | null, target: Pick<Target, 'method' | 'url'>): string {
  return terms === null ? urlScopeOf(target) : endpointScopeOf(terms);
}

export function urlScopeOf({ method, url }: Pick<Target, 'method' | 'url'>): string {
  return `url:${method} ${url}`;
}

/** Whether a scope follows from the request alone, so that nothing needs to be remembered for it. */
export function isUrlScope(scope: string): boolean {
  return scope.startsWith('url:');
}

export function endpointScopeOf({
  tenantId,
  endpointId,
  bodySha256Hex,
  querySha256Hex,
  argsSha256Hex,
}: CredentialTerms): string {
  return `endpoint:${tenantId}/${endpointId}/${joined(bodySha256Hex, querySha256Hex, argsSha256Hex)}`;
}

function joined(body: string | null, query: string | null, args: string | null): string {
  return [body, query, args].map((digest) => digest ?? '').join('/');
}

/**
 * On what a scope that was sold for a request depends, in the words of `whatItMayDependOn`. A seller counts a tool's arguments under the name that it gives itself, which
 * the next call does not know before it has asked; so arguments stand there under our own digest of them.
 */
export function bindingOf(scope: string, { method, bodySha256Hex }: Omit<AskedThing, 'url'>): string {
  const [, body = '', query = '', args = ''] = DIGESTS.exec(scope) ?? [];
  return joined(body, query, args !== '' && method === TOOL_METHOD ? bodySha256Hex : args);
}

/** Everything on which a scope that opens this request may depend. */
export function whatItMayDependOn({ method, url, bodySha256Hex }: AskedThing): string[] {
  if (method === TOOL_METHOD) return [joined(null, null, bodySha256Hex), UNBOUND];
  const query = queryDigestOf(url);
  return [joined(bodySha256Hex, query, null), joined(bodySha256Hex, null, null), joined(null, query, null), UNBOUND];
}

/**
 * Whether what a credential says itself leaves this request out: such a request would be refused, and never sees it. What counts uses, time and who asks is the seller's
 * to say.
 */
export function isOutside(terms: CredentialTerms, thing: AskedThing): boolean {
  if (thing.method === TOOL_METHOD) return false;
  if (terms.method !== null && terms.method !== thing.method) return true;
  if (isForOther(terms, thing)) return true;
  const { pathname, search } = new URL(thing.url);
  const path = canonicalizePath(pathname + search);
  return !terms.pathPrefixes.every((prefix) => path.ok && pathPrefixCovers(prefix, path.value));
}

/** Whether it is bound to a body or a query that is not this request's. */
export function isForOther({ bodySha256Hex, querySha256Hex }: CredentialTerms, thing: AskedThing): boolean {
  if (bodySha256Hex !== null && bodySha256Hex !== thing.bodySha256Hex) return true;
  return querySha256Hex !== null && querySha256Hex !== queryDigestOf(thing.url);
}

/** Of the query as it is sent, without its mark. */
function queryDigestOf(url: string): string {
  return createHash('sha256').update(new URL(url).search.replace(/^\?/, '')).digest('hex');
}

/** How many calls a credential buys; `null` where it does not say. A pass, a bucket or a deposit is counted by its session, not by calls. */
export function usesOf(terms: CredentialTerms | null): number | null {
  return terms?.model === 'per_request' ? terms.uses : null;
}
