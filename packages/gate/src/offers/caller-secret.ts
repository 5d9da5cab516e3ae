const HEX = /^[0-9a-fA-F]{32,256}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{22,256}={0,2}$/;
/** Of 32 random hex digits fewer than 8 are different less than once in a million times; words and counters usually are. */
const MIN_DIFFERENT_HEX = 8;
const MIN_DIFFERENT_BASE64 = 12;

/**
 * Whether an `Idempotency-Key` has the form of at least 128 random bits, so that nobody else can know it: 32 or more hex digits, or 22 or more
 * characters of base64 with upper case, lower case and digits among them. A UUID has 122 random bits and is none.
 *
 * A judgement of form only, and one that errs towards no: a key taken for guessable is served like a request without one.
 */
export function hasSecretForm(key: string): boolean {
  const bare = key.replace(/^"(.*)"$/, '$1');
  if (HEX.test(bare)) return differentCharacters(bare.toLowerCase()) >= MIN_DIFFERENT_HEX;
  if (!BASE64.test(bare)) return false;
  const isMixed = /[A-Z]/.test(bare) && /[a-z]/.test(bare) && /[0-9]/.test(bare);
  return isMixed && differentCharacters(bare) >= MIN_DIFFERENT_BASE64;
}

function differentCharacters(text: string): number {
  return new Set(text).size;
}
