import { base64ToBytes, bytesToBase64 } from '../bytes/index.js';
import { ok, type Result } from '../result.js';
import { decodeMacaroon, encodeMacaroon } from './codec.js';
import { malformed, tooLarge } from './fields.js';
import { type Macaroon, MAX_MACAROON_BYTES } from './macaroon.js';

/** Characters of the largest macaroon in base64. */
export const MAX_MACAROON_TEXT_LENGTH = Math.ceil(MAX_MACAROON_BYTES / 3) * 4;

/**
 * Reads a macaroon from base64, standard or URL-safe, padded or not. `bytes` is what digests are made of.
 *
 * @returns `MACAROON_MALFORMED` or `MACAROON_TOO_LARGE` for anything else.
 */
export function decodeMacaroonText(text: string): Result<{ macaroon: Macaroon; bytes: Uint8Array }> {
  if (text.length > MAX_MACAROON_TEXT_LENGTH) return tooLarge(`It is longer than ${MAX_MACAROON_BYTES} bytes.`);
  const bytes = base64ToBytes(text);
  if (bytes === null) return malformed('It is not base64.');
  const macaroon = decodeMacaroon(bytes);
  return macaroon.ok ? ok({ macaroon: macaroon.value, bytes }) : macaroon;
}

/** Standard base64, padded. @throws {SatwayError} `MACAROON_TOO_LARGE`. */
export function encodeMacaroonText(macaroon: Macaroon): string {
  return bytesToBase64(encodeMacaroon(macaroon));
}
