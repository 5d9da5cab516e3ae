import { ok, type Refusal, type Result, refuse } from '../result.js';

/** The one form of a path that is priced, forwarded, and held against `path_prefix`. */
export interface CanonicalPath {
  /** What is forwarded, without query: case and trailing slash as they were sent. */
  readonly forward: string;
  /** What routes are looked up with: lower case, no trailing slash, and characters decoded that an origin may decode. */
  readonly match: string;
  /** As it was sent, without `?`; empty where there is none. */
  readonly query: string;
}

export const MAX_TARGET_LENGTH = 65_536;

/** Segments that are canonical as they stand; most requests have no other. */
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)+\/?$/;
/** `pchar` and `/` of RFC 3986 without `;`, which some origins cut at. */
const PATH_CHARACTERS = /^[A-Za-z0-9._~!$&'()*+,=:@/%-]*$/;
const QUERY_CHARACTERS = /^[\x21\x22\x24-\x7e]*$/;

/**
 * Brings a request target into its canonical form: only origin-form; encoded unreserved characters decoded, other encodings in upper-case hex; `//` and
 * dot segments collapsed. Refused: an encoded `/`, `\`, `.`, `;` or control character, a raw `\`, `;` or anything that RFC 3986 does not allow
 * in a path, wrong encodings, invalid UTF-8, a `#`, and dot segments that lead above the root.
 *
 * @returns `PATH_REFUSED`, to be answered with 400.
 */
export function canonicalizePath(requestTarget: string): Result<CanonicalPath> {
  if (requestTarget.length > MAX_TARGET_LENGTH) return refused('It is too long.');
  const mark = requestTarget.indexOf('?');
  const raw = mark === -1 ? requestTarget : requestTarget.slice(0, mark);
  const query = mark === -1 ? '' : requestTarget.slice(mark + 1);
  if (!QUERY_CHARACTERS.test(query)) return refused('The query has characters that must be encoded.');
  if (PLAIN.test(raw)) return ok({ forward: raw, match: matchForm(raw), query });
  const forward = canonicalForward(raw);
  return forward.ok ? ok({ forward: forward.value, match: matchForm(forward.value), query }) : forward;
}

function canonicalForward(raw: string): Result<string> {
  if (!raw.startsWith('/')) return refused('It does not start with /.');
  if (!PATH_CHARACTERS.test(raw)) return refused('It has characters that must be encoded or are refused.');
  const decoded = decodeUnreserved(raw);
  if (decoded === null) return refused('It has an encoding that is wrong or is refused.');
  if (!isUtf8(decoded)) return refused('It is not UTF-8.');
  const collapsed = collapseSegments(decoded);
  return collapsed === null ? refused('It leads above the root.') : ok(collapsed);
}

/** Every encoding is read once: decoded where the character needs none, else kept in upper case; `null` where one is refused. */
function decodeUnreserved(raw: string): string | null {
  if (!raw.includes('%')) return raw;
  let isRefused = false;
  const decoded = raw.replace(/%(.{0,2})/g, (_, digits: string) => {
    const character = decodedOctet(digits);
    isRefused ||= character === null;
    return character ?? '';
  });
  return isRefused ? null : decoded;
}

function decodedOctet(digits: string): string | null {
  if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return null;
  const octet = Number.parseInt(digits, 16);
  const character = String.fromCharCode(octet);
  if (octet < 0x20 || octet === 0x7f || '/\\.;'.includes(character)) return null;
  return /[A-Za-z0-9_~-]/.test(character) && octet < 0x80 ? character : `%${digits.toUpperCase()}`;
}

function isUtf8(encoded: string): boolean {
  if (!/%[89A-F]/.test(encoded)) return true;
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

/** RFC 3986, 5.2.4, with empty segments dropped as well; `null` where `..` leads above the root. */
function collapseSegments(path: string): string | null {
  const kept: string[] = [];
  let endsWithSlash = false;
  for (const segment of path.split('/').slice(1)) {
    endsWithSlash = segment === '' || segment === '.' || segment === '..';
    if (segment === '..' && kept.pop() === undefined) return null;
    if (!endsWithSlash) kept.push(segment);
  }
  if (kept.length === 0) return '/';
  return `/${kept.join('/')}${endsWithSlash ? '/' : ''}`;
}

/**
 * Origins differ in case, in trailing slashes, and in whether they decode `%40` before they look at a path. All of these spellings find the same price, so that no
 * spelling of a dear path passes as a cheaper one. What a router or origin would cut at (`?`, `#`, `%`) stays encoded.
 */
function matchForm(forward: string): string {
  const lower = forward.toLowerCase();
  const open = lower.includes('%') ? lower.replace(/%(?:2[146-9abc]|3[ad]|40)/g, decodeURIComponent) : lower;
  return open.length > 1 && open.endsWith('/') ? open.slice(0, -1) : open;
}

function refused(detail: string): Refusal {
  return refuse('PATH_REFUSED', detail);
}
