import { canonicalizePath, type CredentialTerms, interpretCaveats, pathPrefixCovers } from '@satway/protocol';
import type { Call } from '../call/index.js';
import { L402Error } from '../l402-client/l402-error.js';
import { type HandedCredential, macaroonOf } from './handed-token.js';

const OWN_PATHS = '/.well-known/l402/';

/** What a handed-over credential says of itself; `null` for the formats of others. */
export function termsOf(credential: HandedCredential): CredentialTerms | null {
  const macaroon = macaroonOf(credential);
  const terms = macaroon === null ? null : interpretCaveats(macaroon.caveats);
  return terms?.ok === true ? terms.value : null;
}

/**
 * A credential is a secret: where it cannot open anything it is not shown. Its seller checks all this again.
 *
 * @throws {L402Error} `CREDENTIAL_OTHER_ORIGIN`, `CREDENTIAL_EXPIRED`, `CREDENTIAL_NOT_FOR_THIS`. Funds moved: no.
 */
export function refuseElsewhere(
  { origin }: HandedCredential,
  terms: CredentialTerms | null,
  call: Call,
  nowMs: number,
): void {
  // Compared as URLs write them, so that every spelling of one origin is the same, and every other origin another.
  if (call.origin !== origin) throw new L402Error('CREDENTIAL_OTHER_ORIGIN', { detail: `It was bought at ${origin}.` });
  if (terms === null) return;
  if (!(nowMs < terms.effectiveExpiresAtMs)) throw new L402Error('CREDENTIAL_EXPIRED');
  const { pathname, search } = new URL(call.url);
  // Balance and revocation are open to every holder, whatever it may call.
  if (pathname.startsWith(OWN_PATHS)) return;
  if (terms.method !== null && terms.method !== call.method) throw notForThis(`It opens ${terms.method} only.`);
  const path = canonicalizePath(pathname + search);
  const outside = terms.pathPrefixes.find((prefix) => !path.ok || !pathPrefixCovers(prefix, path.value));
  if (outside !== undefined) throw notForThis(`It opens paths under ${outside} only.`);
}

function notForThis(detail: string): L402Error {
  return new L402Error('CREDENTIAL_NOT_FOR_THIS', { detail });
}
