import { SatwayError } from '@satway/base';
import { bytesToHex, hexToBytes } from '../bytes/index.js';
import { ok, type Result, refuse } from '../result.js';

const IDENTIFIER_BYTES = 66;
const HASH_AT = 2;
const TOKEN_AT = 34;
const PART_BYTES = 32;

/** What an L402 identifier commits to. */
export interface L402Identifier {
  readonly paymentHashHex: string;
  /** 32 bytes; the first 4 name the master key. */
  readonly tokenId: Uint8Array;
}

/**
 * 66 bytes, big-endian: version 0 as `uint16`, payment hash, token id.
 *
 * @throws {SatwayError} `IDENTIFIER_MALFORMED`: hash or token id are not 32 bytes. Funds moved: no.
 */
export function encodeIdentifier({ paymentHashHex, tokenId }: L402Identifier): Uint8Array {
  const hash = hexToBytes(paymentHashHex);
  if (!hash.ok || hash.value.length !== PART_BYTES || tokenId.length !== PART_BYTES) {
    throw new SatwayError('IDENTIFIER_MALFORMED');
  }
  const bytes = new Uint8Array(IDENTIFIER_BYTES);
  bytes.set(hash.value, HASH_AT);
  bytes.set(tokenId, TOKEN_AT);
  return bytes;
}

/** Reads an identifier of version 0; anything else is `IDENTIFIER_MALFORMED`. */
export function decodeIdentifier(bytes: Uint8Array): Result<L402Identifier> {
  if (bytes.length !== IDENTIFIER_BYTES || bytes[0] !== 0 || bytes[1] !== 0) {
    return refuse('IDENTIFIER_MALFORMED', 'It is not an L402 identifier of version 0.');
  }
  return ok({ paymentHashHex: bytesToHex(bytes.subarray(HASH_AT, TOKEN_AT)), tokenId: bytes.subarray(TOKEN_AT) });
}
