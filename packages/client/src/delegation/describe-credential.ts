import { type ErrorCode, SatwayError } from '@satway/base';
import type { CredentialTerms } from '@satway/protocol';
import { type HandedCredential, paymentHashOf, readHandedToken } from './handed-token.js';
import { termsOf } from './refuse-elsewhere.js';

/** What a handed-over credential says of itself; no secret. Nothing of it is proven, and how much of it was used only its seller knows. */
export interface CredentialDescription {
  readonly origin: string;
  /** `null` where its format is of somebody else, as everything below. */
  readonly paymentHashHex: string | null;
  /** `<tenant>/<endpoint>`. */
  readonly service: string | null;
  readonly model: CredentialTerms['model'] | null;
  /** Calls that it opens at most, whoever shares it; `null` too where its seller counts a session. */
  readonly usesAtMost: number | null;
  /** The lowest `max_sats` above it; `null` too where there is none. */
  readonly maxSats: number | null;
  readonly expiresAtMs: number | null;
  readonly method: string | null;
  /** Each must hold. */
  readonly pathPrefixes: readonly string[];
  /** The branches that it lies in, the outermost first; none for one that was never narrowed. */
  readonly grantsHex: readonly string[];
  readonly announcedCaveats: readonly string[] | null;
}

/** Reads what a handed-over credential opens, offline, for whoever holds it or shows it to a person. @returns `CREDENTIAL_TOKEN_INVALID` as a value; never throws. */
export function describeCredential(
  token: string,
):
  | { readonly ok: true; readonly value: CredentialDescription }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly nextStep: string } {
  const read = readHandedToken(token);
  if (read.ok) return { ok: true, value: describe(read.value) };
  const { message, nextStep } = new SatwayError(read.code, { detail: read.detail });
  return { ok: false, code: read.code, message, nextStep };
}

function describe(credential: HandedCredential): CredentialDescription {
  const terms = termsOf(credential);
  return {
    origin: credential.origin,
    paymentHashHex: paymentHashOf(credential),
    service: terms?.services.replace(/:0$/, '') ?? null,
    model: terms?.model ?? null,
    usesAtMost: terms === null ? null : lowest(terms, 'n_uses', terms.model === 'per_request' ? terms.uses : null),
    maxSats: terms === null ? null : lowest(terms, 'max_sats', null),
    expiresAtMs: terms?.effectiveExpiresAtMs ?? null,
    method: terms?.method ?? null,
    pathPrefixes: terms?.pathPrefixes ?? [],
    grantsHex: terms?.grants ?? [],
    announcedCaveats: credential.announcedCaveats,
  };
}

function lowest({ counters }: CredentialTerms, kind: 'n_uses' | 'max_sats', sold: number | null): number | null {
  const caps = counters.filter((counter) => counter.kind === kind).map(({ cap }) => cap);
  const all = sold === null ? caps : [...caps, sold];
  return all.length === 0 ? null : Math.min(...all);
}
