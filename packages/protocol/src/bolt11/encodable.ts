import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hexToBytes } from '@noble/curves/utils.js';
import { SatwayError } from '@satway/base';
import { readFallback, writeFallback } from './fallback.js';
import { MAX_FEATURE_BIT } from './features.js';
import type { FallbackAddress, RouteHop } from './invoice.js';

/** Each check hands back what it was given, or throws `INVOICE_NOT_ENCODABLE`: an invoice is written whole or not at all. */
export function notEncodable(detail: string): SatwayError {
  return new SatwayError('INVOICE_NOT_ENCODABLE', { detail });
}

export function encodableKey(privateKey: Uint8Array): Uint8Array {
  if (secp256k1.utils.isValidSecretKey(privateKey)) return privateKey;
  throw notEncodable('the private key is no key of secp256k1');
}

export function encodableNumber(value: number, max: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw notEncodable(`${name} is not a whole number from 0 to ${max}`);
}

/** @param length - in bytes; `null` for any. */
export function encodableBytes(hex: string, length: number | null, name: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw notEncodable(`${name} is not hex`);
  if (length !== null && hex.length !== length * 2) throw notEncodable(`${name} is not ${length} bytes`);
  return hexToBytes(hex);
}

export function encodableHops(hops: readonly RouteHop[]): readonly RouteHop[] {
  if (hops.length === 0) throw notEncodable('a route hint has no hop');
  for (const hop of hops) {
    encodableBytes(hop.pubkeyHex, 33, "a hop's key");
    encodableBytes(hop.shortChannelIdHex, 8, "a hop's channel id");
    encodableNumber(hop.feeBaseMsat, 2 ** 32 - 1, "a hop's base fee");
    encodableNumber(hop.feeProportionalMillionths, 2 ** 32 - 1, "a hop's proportional fee");
    encodableNumber(hop.cltvExpiryDelta, 2 ** 16 - 1, "a hop's CLTV delta");
  }
  return hops;
}

/** The words of the address; refused when a reader would skip them. */
export function encodableFallback(address: FallbackAddress): number[] {
  encodableNumber(address.version, 31, "a fallback address's version");
  encodableBytes(address.programHex, null, "a fallback address's program");
  const words = writeFallback(address);
  if (readFallback(Uint8Array.from(words)) === null) throw notEncodable('a fallback address is none');
  return words;
}

export function encodableFeatures(bits: Iterable<number>): number[] {
  return [...bits].map((bit) => encodableNumber(bit, MAX_FEATURE_BIT, 'a feature bit'));
}
