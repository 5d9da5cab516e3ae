import { createHmac } from 'node:crypto';
import type { Macaroon } from './macaroon.js';

const KEY_GENERATOR = 'macaroons-key-generator';

/** One link: HMAC-SHA256 of the data under the value before it. */
function link(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(data).digest();
}

/**
 * The values of the signature chain: after the identifier, then after each caveat; the last one is the signature.
 *
 * `k = HMAC("macaroons-key-generator", root)`, as every deployed implementation has it; the page that publishes another formula is wrong.
 */
export function signatureChain(rootKey: Uint8Array, macaroon: Pick<Macaroon, 'identifier' | 'caveats'>): Uint8Array[] {
  const derived = createHmac('sha256', KEY_GENERATOR).update(rootKey).digest();
  let value = link(derived, macaroon.identifier);
  const chain = [value];
  for (const caveat of macaroon.caveats) {
    value = link(value, caveat);
    chain.push(value);
  }
  return chain;
}

/** What goes into a new macaroon. */
export interface MacaroonToMint {
  readonly rootKey: Uint8Array;
  readonly location: string;
  readonly identifier: Uint8Array;
  readonly caveats: readonly string[];
}

/** Makes a macaroon that holds these caveats from the start. */
export function mintMacaroon({ rootKey, location, identifier, caveats }: MacaroonToMint): Macaroon {
  const bare = { identifier, caveats: [] };
  const signature = signatureChain(rootKey, bare)[0] ?? new Uint8Array(0);
  return attenuate({ location, ...bare, signature }, caveats);
}

/** Adds caveats, which anybody who holds the macaroon can do; none can be taken away again. */
export function attenuate(macaroon: Macaroon, caveats: readonly string[]): Macaroon {
  const added = caveats.map((caveat) => Buffer.from(caveat, 'utf8'));
  const signature = added.reduce<Uint8Array>(link, macaroon.signature);
  return { ...macaroon, caveats: [...macaroon.caveats, ...added], signature };
}
