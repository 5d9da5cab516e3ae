import { ok, type Result, refuse } from '../result.js';

/** One path for pricing, forwarding and `path_prefix`. */
export interface CanonicalPath {
  /** What goes to the origin: canonical, with case and trailing slash as sent. */
  readonly forward: string;
  /** What is looked up and compared: lower case, no trailing slash. */
  readonly match: string;
  /** Raw, without the `?`; empty where there is none. */
  readonly query: string;
}

const MAX_TARGET = 16_384;
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * Brings a request target into its one canonical form: origin-form only; unreserved characters decoded; `//` and dot segments collapsed. Refused with
 * `PATH_REFUSED` (400): an encoded `/`, `\`, `.` or NUL, a raw `\`, `;` or control character, anything but ASCII, and invalid UTF-8 behind the escapes.
 */
export function canonicalizePath(target: string): Result<CanonicalPath> {
  if (target.length > MAX_TARGET) return refused('It is too long.');
  const question = target.indexOf('?');
  const raw = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  if (!raw.startsWith('/')) return refused('It is not an origin-form path.');
  if (!/^[\x21-\x7e]*$/.test(query) || query.includes('#'))
    return refused('Its query has a character that must be encoded.');
  const decoded = decodeUnreserved(raw);
  if (!decoded.ok) return decoded;
  const forward = collapse(decoded.value);
  return ok({ forward, match: toMatchForm(forward), query });
}

/** Decoding an escaped dot would make a dot segment after the collapse, so it is refused rather than decoded. */
function decodeUnreserved(raw: string): Result<string> {
  if (!/^[\x21-\x7e]*$/.test(raw) || /[\\;#]/.test(raw)) return refused('It has a character that is not allowed.');
  if (/%(?![0-9a-fA-F]{2})/.test(raw)) return refused('It has a broken escape.');
  if (/%(2f|5c|2e|00)/i.test(raw)) return refused('It has an encoded separator, dot or NUL.');
  if (!hasValidUtf8(raw)) return refused('Its escapes are not UTF-8.');
  return ok(raw.replace(/%([0-9a-fA-F]{2})/g, (escape, hex: string) => decodeEscape(escape, hex)));
}

function decodeEscape(escape: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}

function hasValidUtf8(raw: string): boolean {
  try {
    return !/[\u0000-\u001f\u007f\\;]/.test(decodeURIComponent(raw));
  } catch {
    return false;
  }
}

function collapse(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  const last = path.slice(path.lastIndexOf('/') + 1);
  const endsAsFolder = last === '' || last === '.' || last === '..';
  return segments.length === 0 ? '/' : `/${segments.join('/')}${endsAsFolder ? '/' : ''}`;
}

function toMatchForm(forward: string): string {
  return forward.length > 1 && forward.endsWith('/') ? forward.slice(0, -1).toLowerCase() : forward.toLowerCase();
}

function refused(detail: string): ReturnType<typeof refuse> {
  return refuse('PATH_REFUSED', detail);
}
