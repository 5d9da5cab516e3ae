import type { PriceModel } from '../pricing/index.js';
import { ok, type Result, refuse } from '../result.js';
import { type Caveat, type CaveatKey, parseCaveat } from './caveat.js';

/** A quota that is counted under the chain value just after its caveat. */
export interface CounterTerm {
  /** Place among the credential's caveats, from 0. */
  readonly caveatIndex: number;
  readonly kind: 'n_uses' | 'max_sats';
  /** Calls, or satoshis. */
  readonly cap: number;
}

/** Everything that a credential's caveats say together. */
export interface CredentialTerms {
  /** `<tenant slug>/<endpoint id>:0`. */
  readonly services: string;
  readonly tenantId: string;
  readonly endpointId: string;
  readonly model: PriceModel;
  readonly priceMsat: number;
  readonly uses: number;
  readonly mintedAtMs: number;
  /** As minted; what a holder adds does not count here. */
  readonly expiresAtMs: number;
  /** The earliest of all expiries. */
  readonly effectiveExpiresAtMs: number;
  readonly pubkeyHex: string | null;
  readonly sessionId: string | null;
  readonly argsSha256Hex: string | null;
  readonly bodySha256Hex: string | null;
  readonly querySha256Hex: string | null;
  readonly method: string | null;
  /** Decoded; each must hold. */
  readonly pathPrefixes: readonly string[];
  readonly grants: readonly string[];
  readonly counters: readonly CounterTerm[];
  /** Whether anything but `preimage` follows what a seller mints; such a credential gets no session token. */
  readonly hasHolderCaveats: boolean;
}

/** What is always minted, in this order. */
const ALWAYS: readonly CaveatKey[] = [
  'services',
  'tenant_id',
  'endpoint_id',
  'model',
  'price_msat',
  'uses',
  'minted_at',
  'expires_at',
];
/** What may follow, in this order. */
const WHERE_THEY_APPLY: readonly CaveatKey[] = ['pubkey', 'session', 'args_sha256', 'body_sha256', 'query_sha256'];

/**
 * Reads all caveats of a credential. Expiries take the minimum, every `path_prefix` and every counter stands for itself, grants mark branches; any other
 * key may be repeated with the same value only. What is minted always must come first and in order.
 *
 * @returns `CAVEAT_UNKNOWN`, `CAVEAT_MALFORMED`, `CAVEAT_CONFLICT` or `CAVEATS_INCOMPLETE`.
 */
export function interpretCaveats(caveats: readonly Uint8Array[]): Result<CredentialTerms> {
  const parsed: Caveat[] = [];
  for (const caveat of caveats) {
    const one = parseCaveat(caveat);
    if (!one.ok) return one;
    parsed.push(one.value);
  }
  if (!ALWAYS.every((key, index) => parsed[index]?.key === key)) {
    return refuse('CAVEATS_INCOMPLETE', 'The credential does not begin with what is always minted.');
  }
  const mintedLength = lengthOfMintedPart(parsed);
  const single = readSingleValues(parsed, mintedLength);
  return single.ok ? ok(termsOf(parsed, single.value, mintedLength)) : single;
}

function lengthOfMintedPart(caveats: readonly Caveat[]): number {
  let length = ALWAYS.length;
  for (const key of WHERE_THEY_APPLY) {
    if (caveats[length]?.key === key) length += 1;
  }
  return length;
}

type SingleValues = ReadonlyMap<CaveatKey, Caveat>;

function readSingleValues(caveats: readonly Caveat[], mintedLength: number): Result<SingleValues> {
  const values = new Map<CaveatKey, Caveat>();
  for (const [index, caveat] of caveats.entries()) {
    const earlier = values.get(caveat.key);
    if (earlier === undefined) {
      // Added later it would send money that was paid for one thing into a session of the holder's choice.
      if (caveat.key === 'session' && index >= mintedLength) return refuse('CAVEAT_CONFLICT', 'A session was added.');
      values.set(caveat.key, caveat);
    } else if (!mayRepeat(caveat.key) && earlier.value !== caveat.value) {
      return refuse('CAVEAT_CONFLICT', `The caveat ${caveat.key} is there twice, with two values.`);
    }
  }
  return ok(values);
}

function mayRepeat(key: CaveatKey): boolean {
  switch (key) {
    case 'expires_at':
    case 'valid_until':
    case 'path_prefix':
    case 'n_uses':
    case 'max_sats':
    case 'grant':
      return true;
    default:
      return false;
  }
}

function termsOf(caveats: readonly Caveat[], single: SingleValues, mintedLength: number): CredentialTerms {
  return {
    services: textOf(single, 'services') ?? '',
    tenantId: textOf(single, 'tenant_id') ?? '',
    endpointId: textOf(single, 'endpoint_id') ?? '',
    model: modelOf(single),
    priceMsat: numberOf(single, 'price_msat'),
    uses: numberOf(single, 'uses'),
    mintedAtMs: numberOf(single, 'minted_at'),
    expiresAtMs: numberOf(single, 'expires_at'),
    effectiveExpiresAtMs: earliestExpiry(caveats),
    pubkeyHex: textOf(single, 'pubkey'),
    sessionId: textOf(single, 'session'),
    argsSha256Hex: textOf(single, 'args_sha256'),
    bodySha256Hex: textOf(single, 'body_sha256'),
    querySha256Hex: textOf(single, 'query_sha256'),
    method: textOf(single, 'method'),
    pathPrefixes: caveats.flatMap((caveat) => (caveat.key === 'path_prefix' ? [caveat.value] : [])),
    grants: caveats.flatMap((caveat) => (caveat.key === 'grant' ? [caveat.value] : [])),
    counters: countersOf(caveats),
    hasHolderCaveats: caveats.slice(mintedLength).some(({ key }) => key !== 'preimage'),
  };
}

function textOf(single: SingleValues, key: CaveatKey): string | null {
  const value = single.get(key)?.value;
  return typeof value === 'string' ? value : null;
}

/** Of a caveat that is always there. */
function numberOf(single: SingleValues, key: CaveatKey): number {
  const value = single.get(key)?.value;
  return typeof value === 'number' ? value : 0;
}

function modelOf(single: SingleValues): PriceModel {
  const caveat = single.get('model');
  return caveat?.key === 'model' ? caveat.value : 'per_request';
}

function earliestExpiry(caveats: readonly Caveat[]): number {
  let earliestMs = Number.MAX_SAFE_INTEGER;
  for (const caveat of caveats) {
    if (caveat.key === 'expires_at' || caveat.key === 'valid_until') earliestMs = Math.min(earliestMs, caveat.value);
  }
  return earliestMs;
}

function countersOf(caveats: readonly Caveat[]): CounterTerm[] {
  return caveats.flatMap((caveat, caveatIndex) =>
    caveat.key === 'n_uses' || caveat.key === 'max_sats' ? [{ caveatIndex, kind: caveat.key, cap: caveat.value }] : [],
  );
}
