import {
  attenuate,
  createKeyRing,
  encodeIdentifier,
  encodeMacaroonText,
  type KeyRing,
  type Macaroon,
  mintedCaveats,
  type MintedTerms,
  mintMacaroon,
} from '@satway/protocol';

export const TENANT_ID = '6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d';
export const PREIMAGE = '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f';
export const PAYMENT_HASH = 'ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42';
export const MASTER = Buffer.from('202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f', 'hex');
export const TOKEN_ID = Buffer.from('ef58775f808182838485868788898a8b8c8d8e8f909192939495969798999a9b', 'hex');
export const MINTED_AT_MS = 1_795_260_000_000;
export const EXPIRES_AT_MS = 1_795_263_600_000;
export const NOW_MS = MINTED_AT_MS + 1;
export const GRANT = '000102030405060708090a0b0c0d0e0f';

export const TERMS: MintedTerms = {
  tenantSlug: 'acme',
  tenantId: TENANT_ID,
  endpointId: 'forecast',
  model: 'per_request',
  priceMsat: 5000,
  uses: 1,
  mintedAtMs: MINTED_AT_MS,
  expiresAtMs: EXPIRES_AT_MS,
};

export function keyRing(): KeyRing {
  return createKeyRing([{ secret: MASTER, createdAtMs: 0, verifyUntilMs: null }]);
}

/** Signed under the fixture's key with exactly these caveats. */
export function mintWith(caveats: readonly string[], location = 'satway'): Macaroon {
  const rootKey = keyRing().rootKey({ kind: 'l402', tenantId: TENANT_ID, tokenId: TOKEN_ID }, NOW_MS);
  if (rootKey === null) throw new TypeError('the fixture has no key');
  const identifier = encodeIdentifier({ paymentHashHex: PAYMENT_HASH, tokenId: TOKEN_ID });
  return mintMacaroon({ rootKey, location, identifier, caveats });
}

/** A genuine credential, narrowed by these caveats. */
export function minted(added: readonly string[] = [], terms: Partial<MintedTerms> = {}): Macaroon {
  return attenuate(mintWith(mintedCaveats({ ...TERMS, ...terms })), added);
}

export function mintedText(added: readonly string[] = []): string {
  return encodeMacaroonText(minted(added));
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

export function fromHex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}
