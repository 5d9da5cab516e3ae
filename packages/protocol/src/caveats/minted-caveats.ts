import { SatwayError } from '@satway/base';
import type { PriceModel } from '../pricing/index.js';
import { parseCaveat } from './caveat.js';

/** What a seller mints into a credential: what was quoted, and for how long. */
export interface MintedTerms {
  /** `[a-z0-9-]{1,64}`. */
  readonly tenantSlug: string;
  /** Lower-case UUID. */
  readonly tenantId: string;
  /** `[a-z0-9-]{1,64}`. */
  readonly endpointId: string;
  readonly model: PriceModel;
  readonly priceMsat: number;
  /** Calls that one payment buys, 1 to 2^32 - 1. */
  readonly uses: number;
  readonly mintedAtMs: number;
  readonly expiresAtMs: number;
  /** Whose proof of key must come with each call; 64 hex digits. */
  readonly pubkeyHex?: string;
  /** The session that this payment tops up. */
  readonly sessionId?: string;
  readonly argsSha256Hex?: string;
  readonly bodySha256Hex?: string;
  readonly querySha256Hex?: string;
}

/**
 * The caveats of a new credential, in the order of the wire format.
 *
 * @throws {SatwayError} `CAVEAT_MALFORMED`: a value that no verifier would accept. Funds moved: no.
 */
export function mintedCaveats(terms: MintedTerms): string[] {
  const caveats = [
    `services=${terms.tenantSlug}/${terms.endpointId}:0`,
    `tenant_id=${terms.tenantId}`,
    `endpoint_id=${terms.endpointId}`,
    `model=${terms.model}`,
    `price_msat=${terms.priceMsat}`,
    `uses=${terms.uses}`,
    `minted_at=${terms.mintedAtMs}`,
    `expires_at=${terms.expiresAtMs}`,
    ...optionalCaveats(terms),
  ];
  for (const caveat of caveats) {
    const parsed = parseCaveat(caveat);
    if (!parsed.ok) throw new SatwayError('CAVEAT_MALFORMED', { detail: parsed.detail });
  }
  return caveats;
}

function optionalCaveats(terms: MintedTerms): string[] {
  const optional: readonly (readonly [key: string, value: string | undefined])[] = [
    ['pubkey', terms.pubkeyHex],
    ['session', terms.sessionId],
    ['args_sha256', terms.argsSha256Hex],
    ['body_sha256', terms.bodySha256Hex],
    ['query_sha256', terms.querySha256Hex],
  ];
  return optional.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}
