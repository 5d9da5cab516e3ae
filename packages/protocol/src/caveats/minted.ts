import type { PriceModel } from '../pricing/index.js';

/** What a credential is minted with. */
export interface MintedTerms {
  readonly tenantSlug: string;
  /** UUID, lower case. */
  readonly tenantId: string;
  readonly endpointId: string;
  readonly model: PriceModel;
  readonly priceMsat: number;
  readonly uses: number;
  readonly mintedAtMs: number;
  readonly expiresAtMs: number;
  readonly pubkeyHex?: string;
  readonly sessionId?: string;
  readonly argsSha256Hex?: string;
  readonly bodySha256Hex?: string;
  readonly querySha256Hex?: string;
}

/** The caveats of a fresh credential, in the order of the wire format. */
export function mintedCaveats(terms: MintedTerms): string[] {
  const always = [
    `services=${terms.tenantSlug}/${terms.endpointId}:0`,
    `tenant_id=${terms.tenantId}`,
    `endpoint_id=${terms.endpointId}`,
    `model=${terms.model}`,
    `price_msat=${terms.priceMsat}`,
    `uses=${terms.uses}`,
    `minted_at=${terms.mintedAtMs}`,
    `expires_at=${terms.expiresAtMs}`,
  ];
  const whereTheyApply: [string, string | undefined][] = [
    ['pubkey', terms.pubkeyHex],
    ['session', terms.sessionId],
    ['args_sha256', terms.argsSha256Hex],
    ['body_sha256', terms.bodySha256Hex],
    ['query_sha256', terms.querySha256Hex],
  ];
  return [...always, ...whereTheyApply.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))];
}
