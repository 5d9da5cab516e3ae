import { type CanonicalPath, pathPrefixCovers } from '../path/index.js';
import type { CredentialTerms } from './terms.js';

/** What a credential is held against. Digests and key are needed only where the credential names them. */
export interface RequestToCheck {
  readonly tenantId: string;
  readonly tenantSlug: string;
  readonly endpointId: string;
  readonly method: string;
  readonly path: CanonicalPath;
  readonly nowMs: number;
  /** Credentials minted before are void: the seller's way out of an old price. */
  readonly quotesValidAfterMs?: number;
  readonly pubkeyHex?: string;
  readonly argsSha256Hex?: string;
  readonly bodySha256Hex?: string;
  readonly querySha256Hex?: string;
}

export type TermsRefusal =
  | 'tenant'
  | 'endpoint'
  | 'expired'
  | 'quote_void'
  | 'method'
  | 'path'
  | 'pubkey'
  | 'args'
  | 'body'
  | 'query';

/** Whether a credential opens this request, by everything but its signature and its uses. */
export function checkTerms(
  terms: CredentialTerms,
  request: RequestToCheck,
): { readonly ok: true } | { readonly ok: false; readonly reason: TermsRefusal } {
  const broken = RULES.find(([, holds]) => !holds(terms, request));
  return broken === undefined ? { ok: true } : { ok: false, reason: broken[0] };
}

type Rule = (terms: CredentialTerms, request: RequestToCheck) => boolean;
const equalWhereNamed = (named: string | null, actual: string | undefined): boolean =>
  named === null || named === actual;

const RULES: readonly (readonly [TermsRefusal, Rule])[] = [
  ['tenant', (terms, request) => terms.tenantId === request.tenantId],
  [
    'endpoint',
    (terms, request) => terms.endpointId === request.endpointId && terms.services.endsWith(`/${request.endpointId}:0`),
  ],
  ['expired', (terms, request) => request.nowMs < terms.effectiveExpiresAtMs],
  ['quote_void', (terms, request) => terms.mintedAtMs >= (request.quotesValidAfterMs ?? 0)],
  ['method', (terms, request) => equalWhereNamed(terms.method, request.method)],
  ['path', (terms, request) => terms.pathPrefixes.every((prefix) => pathPrefixCovers(prefix, request.path))],
  ['pubkey', (terms, request) => equalWhereNamed(terms.pubkeyHex, request.pubkeyHex)],
  ['args', (terms, request) => equalWhereNamed(terms.argsSha256Hex, request.argsSha256Hex)],
  ['body', (terms, request) => equalWhereNamed(terms.bodySha256Hex, request.bodySha256Hex)],
  ['query', (terms, request) => equalWhereNamed(terms.querySha256Hex, request.querySha256Hex)],
];
