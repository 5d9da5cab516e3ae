const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/** What LND says of a text whose bech32 checksum is wrong; `null` where the checksum is right. */
export function checksumComplaint(text: string): string | null {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return 'string not all lowercase or all uppercase';
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || separator + CHECKSUM_LENGTH + 1 > lower.length) return `invalid separator index ${separator}`;
  const data = lower.slice(separator + 1);
  const words = [...data].map((letter) => ALPHABET.indexOf(letter));
  const unknown = words.indexOf(-1);
  if (unknown >= 0) return `invalid character not part of charset: ${data.codePointAt(unknown) ?? 0}`;
  const expected = checksumOf(lower.slice(0, separator), words.slice(0, -CHECKSUM_LENGTH));
  const got = data.slice(-CHECKSUM_LENGTH);
  return expected === got ? null : `checksum failed. Expected ${expected}, got ${got}.`;
}

function checksumOf(humanPart: string, words: readonly number[]): string {
  const codes = [...humanPart].map((letter) => letter.codePointAt(0) ?? 0);
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const remainder = polymod([...expanded, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  return Array.from({ length: CHECKSUM_LENGTH }, (_, index) => ALPHABET[(remainder >> (5 * (5 - index))) & 31]).join(
    '',
  );
}

/** @see BIP 173. */
function polymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) check ^= generator;
  }
  return check;
}
