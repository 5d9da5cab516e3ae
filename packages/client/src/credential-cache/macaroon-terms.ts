import { type CredentialTerms, decodeMacaroon, decodeMacaroonText, interpretCaveats } from '@satway/protocol';

/** What a macaroon of our own format says, given as its bytes or its text; `null` for the formats of others. */
export function termsOf(macaroon: Uint8Array | string): CredentialTerms | null {
  const bytes = typeof macaroon === 'string' ? bytesOf(macaroon) : macaroon;
  const decoded = bytes === null ? null : decodeMacaroon(bytes);
  const terms = decoded?.ok === true ? interpretCaveats(decoded.value.caveats) : null;
  return terms?.ok === true ? terms.value : null;
}

function bytesOf(text: string): Uint8Array | null {
  const decoded = decodeMacaroonText(text);
  return decoded.ok ? decoded.value.bytes : null;
}
