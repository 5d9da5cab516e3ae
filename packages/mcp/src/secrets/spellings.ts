import { LEAST_PHRASE_CHARS } from './phrases.js';

/** The ways in which one secret may be written by whoever repeats it. */
export interface Spellings {
  /** Hex digits in lower case, to be compared without case. */
  readonly hex: readonly string[];
  /** To be found as they stand. */
  readonly exact: readonly string[];
}

const HEX = /^(?:[0-9a-f]{2}){16,}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;
/** Shorter ones would be found by chance. */
const LEAST_BYTES = 16;

/** Of one token: hex in either case, both alphabets of base64 with and without padding, and as JSON and URLs write them. */
export function spellingsOf(token: string): Spellings {
  const bytes = HEX.test(token) ? Buffer.from(token, 'hex') : BASE64.test(token) ? Buffer.from(token, 'base64') : null;
  const plain = HEX.test(token) ? [] : [token, withoutPadding(token)];
  if (bytes === null || bytes.length < LEAST_BYTES) return { hex: [], exact: inJsonAndUrls(plain) };
  const standard = withoutPadding(bytes.toString('base64'));
  return {
    hex: [bytes.toString('hex')],
    exact: inJsonAndUrls([...plain, standard, bytes.toString('base64url')]),
  };
}

/** Padding may stay behind: it says nothing. A loop: from each of many signs a pattern would look for the end again. */
function withoutPadding(token: string): string {
  let end = token.length;
  while (token[end - 1] === '=') end--;
  return token.slice(0, end);
}

function inJsonAndUrls(texts: readonly string[]): string[] {
  const written = texts.flatMap((text) => [text, text.replaceAll('/', String.raw`\/`), encodeURIComponent(text)]);
  return [...new Set(written)].filter(({ length }) => length >= LEAST_PHRASE_CHARS);
}
