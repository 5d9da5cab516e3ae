import { hash } from 'node:crypto';
import type { IdempotencyClaim } from '../claim-store/index.js';

export type IdempotencyKeyReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly key: string }
  /** Two of them, an empty or overlong one, or one with other than visible ASCII characters. */
  | { readonly kind: 'invalid' };

const HEADER = 'idempotency-key';
const USABLE = /^[\x21-\x7e]{1,255}$/;
const NONE: IdempotencyKeyReading = { kind: 'none' };
const INVALID: IdempotencyKeyReading = { kind: 'invalid' };

/** Reads `Idempotency-Key` from raw headers; two lines are refused, also where they are equal. */
export function readIdempotencyKey(rawHeaders: readonly string[]): IdempotencyKeyReading {
  let key: string | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== HEADER.length || name.toLowerCase() !== HEADER) continue;
    if (key !== null) return INVALID;
    key = rawHeaders[index + 1] ?? '';
  }
  if (key === null) return NONE;
  return USABLE.test(key) ? { kind: 'key', key } : INVALID;
}

/** What makes a paid request this request. */
export interface RequestIdentity {
  readonly method: string;
  readonly url: string;
  readonly bodySha256Hex: string;
}

/**
 * Names a paid request for the claim store. The scope (payment hash and chain value) is in the digest, so that strangers who choose the same key
 * never meet; the tenant stands beside it in the store.
 */
export function idempotencyClaim(
  scope: { readonly paymentHashHex: string; readonly finalChainHashHex: string },
  key: string,
  request: RequestIdentity,
): IdempotencyClaim {
  return {
    keyHashHex: sha256Hex([scope.paymentHashHex, scope.finalChainHashHex, key]),
    requestDigestHex: sha256Hex([request.method, request.url, request.bodySha256Hex]),
  };
}

function sha256Hex(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}
