/**
 * A macaroon as lower-case hex, from raw bytes, hex or base64 (standard or url-safe). Every v2 macaroon begins with the byte 2: raw, in hex (`02`) or in base64 (`Ag`). Texts may
 * stand in lines, as `base64` and `xxd -p` print them.
 *
 * @returns `null` for anything else.
 */
export function macaroonHexOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 2) return Buffer.from(bytes).toString('hex');
  const text = Buffer.from(bytes).toString('latin1').replaceAll(/\s+/g, '');
  if (/^02(?:[0-9a-fA-F]{2})+$/.test(text)) return text.toLowerCase();
  return /^Ag[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('hex') : null;
}
