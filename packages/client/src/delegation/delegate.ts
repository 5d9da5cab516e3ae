import { webcrypto } from 'node:crypto';
import { type ErrorCode, SatwayError } from '@satway/base';
import {
  attenuate,
  type CredentialTerms,
  encodeMacaroonText,
  type HolderLimits,
  holderCaveats,
  interpretCaveats,
  type Macaroon,
  type Refusal,
  type Result,
  refuse,
} from '@satway/protocol';
import { findWidening } from './find-widening.js';
import { type HandedCredential, macaroonOf, readHandedToken, writeHandedToken } from './handed-token.js';

/** How a credential is narrowed for somebody else; what is left out stays as it is. */
export interface DelegationLimits {
  /** `GET`. */
  readonly method?: string;
  /** `/v1/search` covers `/v1/search/deep` and not `/v1/searchx`; case-sensitive. */
  readonly pathPrefix?: string;
  /** From now on, milliseconds. */
  readonly validForMs?: number;
  /** Calls of the whole branch, whoever below makes them. */
  readonly uses?: number;
  /** All calls of the branch together, whole satoshis of what was paid. */
  readonly maxSats?: number;
}

/** A narrower credential, or why there is none. Neither holds more than the one it was made from. */
export type Delegation =
  | {
      readonly ok: true;
      /** A secret: whoever holds it can use it. */
      readonly token: string;
      /** Names the branch; 32 hex digits. */
      readonly grantHex: string;
      readonly expiresAtMs: number;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly nextStep: string };

/** Time and randomness; the machine's by default. */
export interface DelegationSource {
  readonly nowMs?: () => number;
  readonly random?: (byteCount: number) => Uint8Array;
}

/** The caveat that stands for each limit. */
const CAVEAT_OF = {
  method: 'method',
  pathPrefix: 'path_prefix',
  validForMs: 'valid_until',
  uses: 'n_uses',
  maxSats: 'max_sats',
} as const satisfies Record<keyof DelegationLimits, string>;

const GRANT_BYTES = 16;

/**
 * Narrows a credential for somebody else, offline: no wallet, no network, nothing is asked and nothing is stored. What comes out can be narrowed again, several levels
 * deep; each level is a branch of its own (`grant`), and its quota binds everybody below it.
 *
 * @param token - from `obtain`, or an earlier delegation; or an object with one.
 * @returns the narrower token, or as a value `CREDENTIAL_TOKEN_INVALID`, `CREDENTIAL_EXPIRED`, `DELEGATION_INVALID`, `DELEGATION_WIDENS` (never silently less than was asked for, and
 * never more than there is), `DELEGATION_NOT_ANNOUNCED` (the seller has not said that it enforces that), `DELEGATION_IMPOSSIBLE` (not a format of ours, or full). Never throws on bad input.
 * @see wire format, "Caveats": a random `grant` first, so that two equal delegations are two branches.
 */
export function delegate(
  token: string | { readonly token: string },
  limits: DelegationLimits = {},
  source: DelegationSource = {},
): Delegation {
  const unknown = Object.keys(source).find((name) => name !== 'nowMs' && name !== 'random');
  if (unknown !== undefined) return refused(notALimit(unknown));
  const { nowMs = Date.now, random = systemRandom } = source;
  const credential = readHandedToken(typeof token === 'object' && token !== null ? token.token : token);
  if (!credential.ok) return refused(credential);
  const narrowed = narrow(credential.value, limits, nowMs(), random);
  return narrowed.ok ? { ok: true, ...narrowed.value } : refused(narrowed);
}

type Narrowed = Pick<Extract<Delegation, { ok: true }>, 'token' | 'grantHex' | 'expiresAtMs'>;

function narrow(
  credential: HandedCredential,
  limits: DelegationLimits,
  nowMs: number,
  random: (byteCount: number) => Uint8Array,
): Result<Narrowed> {
  const parent = readParent(credential);
  if (!parent.ok) return parent;
  const { macaroon, terms } = parent.value;
  if (!(nowMs < terms.effectiveExpiresAtMs)) return refuse('CREDENTIAL_EXPIRED', 'Nothing of it is left to hand over.');
  const wanted = readLimits(limits, nowMs, Buffer.from(random(GRANT_BYTES)).toString('hex'));
  if (!wanted.ok) return wanted;
  const unannounced = unannouncedIn(credential, limits);
  if (unannounced.length > 0) return refuse('DELEGATION_NOT_ANNOUNCED', `Not announced: ${unannounced.join(', ')}.`);
  const widening = findWidening(terms, wanted.value, nowMs);
  if (widening !== null) return widening;
  const caveats = holderCaveats(wanted.value);
  if (!caveats.ok) return refuse('DELEGATION_INVALID', caveats.detail);
  const { grantHex, validUntilMs = terms.effectiveExpiresAtMs } = wanted.value;
  const narrower = append(credential, macaroon, caveats.value);
  return narrower.ok ? { ok: true, value: { token: narrower.value, grantHex, expiresAtMs: validUntilMs } } : narrower;
}

function readParent(credential: HandedCredential): Result<{ macaroon: Macaroon; terms: CredentialTerms }> {
  const macaroon = macaroonOf(credential);
  const terms = macaroon === null ? null : interpretCaveats(macaroon.caveats);
  if (macaroon === null || terms?.ok !== true) {
    return refuse('DELEGATION_IMPOSSIBLE', 'Its format is of somebody else, who may read a caveat in another way.');
  }
  return { ok: true, value: { macaroon, terms: terms.value } };
}

/** A limit that is misspelled would be no limit at all, so nothing but the known names is taken. */
function readLimits(limits: DelegationLimits, nowMs: number, grantHex: string): Result<HolderLimits> {
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) return notALimit('limits');
  const unknown = Object.keys(limits).find((name) => !Object.hasOwn(CAVEAT_OF, name));
  if (unknown !== undefined) return notALimit(unknown);
  const { method, pathPrefix, validForMs, uses, maxSats } = limits;
  if (method !== undefined && typeof method !== 'string') return notALimit('method');
  if (pathPrefix !== undefined && typeof pathPrefix !== 'string') return notALimit('pathPrefix');
  for (const [name, value] of Object.entries({ validForMs, uses, maxSats })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) return notALimit(name);
  }
  return {
    ok: true,
    value: {
      grantHex,
      ...(method === undefined ? {} : { method: method.toUpperCase() }),
      ...(pathPrefix === undefined ? {} : { pathPrefix }),
      ...(validForMs === undefined ? {} : { validUntilMs: nowMs + validForMs }),
      ...(uses === undefined ? {} : { uses }),
      ...(maxSats === undefined ? {} : { maxSats }),
    },
  };
}

function notALimit(name: string): Refusal {
  return refuse('DELEGATION_INVALID', `${JSON.stringify(name.slice(0, 40))} is not right.`);
}

/** The grant counts too: a seller that does not know it refuses the whole credential. */
function unannouncedIn({ announcedCaveats }: HandedCredential, limits: DelegationLimits): string[] {
  const used = Object.entries(CAVEAT_OF).filter(([name]) => limits[name as keyof DelegationLimits] !== undefined);
  return ['grant', ...used.map(([, caveat]) => caveat)].filter((caveat) => announcedCaveats?.includes(caveat) !== true);
}

function append(credential: HandedCredential, macaroon: Macaroon, caveats: readonly string[]): Result<string> {
  try {
    const narrower = attenuate(macaroon, caveats);
    return { ok: true, value: writeHandedToken({ ...credential, macaroonText: encodeMacaroonText(narrower) }) };
  } catch (error) {
    if (!(error instanceof SatwayError)) throw error;
    return refuse('DELEGATION_IMPOSSIBLE', error.message);
  }
}

function refused({ code, detail }: { readonly code: ErrorCode; readonly detail: string }): Delegation {
  const { message, nextStep } = new SatwayError(code, { detail });
  return { ok: false, code, message, nextStep };
}

function systemRandom(byteCount: number): Uint8Array {
  return webcrypto.getRandomValues(new Uint8Array(byteCount));
}
