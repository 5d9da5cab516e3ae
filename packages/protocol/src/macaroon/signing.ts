import { hmacSha256 } from '../bytes/index.js';
import { refuseOversize } from './codec.js';
import type { Macaroon } from './macaroon.js';

const utf8 = new TextEncoder();
/** libmacaroons pads the generator to 32 bytes; for an HMAC key zeros at its end change nothing. */
const KEY_GENERATOR = new Uint8Array(32);
utf8.encodeInto('macaroons-key-generator', KEY_GENERATOR);

export interface MintMacaroonOptions {
  /** 32 bytes; see `KeyRing.rootKey`. */
  readonly rootKey: Uint8Array;
  readonly location: string;
  readonly identifier: Uint8Array;
  readonly caveats: readonly string[];
}

/**
 * Makes a signed macaroon. Source: libmacaroons (`k = HMAC("macaroons-key-generator", root)`, `HMAC(k, identifier)`, then one HMAC per caveat);
 * the key derivation of the published L402 page is another and wrong.
 *
 * @throws {SatwayError} `MACAROON_TOO_LARGE`. Funds moved: no.
 */
export function mintMacaroon({ rootKey, location, identifier, caveats }: MintMacaroonOptions): Macaroon {
  const signature = hmacSha256(baseKey(rootKey), identifier);
  return attenuate({ location, identifier, caveats: [], signature }, caveats);
}

/**
 * Narrows a macaroon by appending caveats; needs no key.
 *
 * @throws {SatwayError} `MACAROON_TOO_LARGE`: the result would pass 4 KiB or 32 caveats. Funds moved: no.
 */
export function attenuate(macaroon: Macaroon, caveats: readonly string[]): Macaroon {
  const added = caveats.map((caveat) => Buffer.from(caveat, 'utf8'));
  let { signature } = macaroon;
  for (const caveat of added) signature = hmacSha256(signature, caveat);
  const longer = { ...macaroon, caveats: [...macaroon.caveats, ...added], signature };
  refuseOversize(longer);
  return longer;
}

/**
 * The value of the signature chain after the identifier, then after each caveat. The last is the signature of a genuine macaroon; compare in constant time. Whoever holds
 * a value can mint below it, so only digests of these may be stored.
 */
export function signatureChain(rootKey: Uint8Array, { identifier, caveats }: Macaroon): Uint8Array[] {
  let value = hmacSha256(baseKey(rootKey), identifier);
  const chain = [value];
  for (const caveat of caveats) {
    value = hmacSha256(value, caveat);
    chain.push(value);
  }
  return chain;
}

function baseKey(rootKey: Uint8Array): Uint8Array {
  return hmacSha256(KEY_GENERATOR, rootKey);
}
