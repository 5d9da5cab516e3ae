import { ok, type Refusal, type Result, refuse } from '../result.js';
import type { CanonicalPath } from './canonical-path.js';

/**
 * Reads the value of a `path_prefix`: percent-decoded once; it must start with `/` and hold no `..`, backslash, `://`, `//` or control character; `.` segments
 * and a trailing slash are dropped. Case stays.
 *
 * @returns the decoded prefix, or `PATH_PREFIX_REFUSED`.
 */
export function parsePathPrefix(text: string): Result<string> {
  const decoded = decodeOnce(text);
  if (decoded === null) return refused('It is wrongly encoded.');
  if (!decoded.startsWith('/')) return refused('It does not start with /.');
  if (/\.\.|\\|\/\//.test(decoded) || hasControlCharacter(decoded)) return refused('It holds .., \\, // or a control.');
  const segments = decoded.split('/').filter((segment) => segment !== '' && segment !== '.');
  return ok(`/${segments.join('/')}`);
}

/** Whether a prefix (as `parsePathPrefix` gives it back) covers a path: case-sensitive, at a segment boundary. */
export function pathPrefixCovers(prefix: string, path: CanonicalPath): boolean {
  if (prefix === '/') return true;
  const decoded = decodeOnce(path.forward);
  if (decoded === null || !decoded.startsWith(prefix)) return false;
  return decoded.length === prefix.length || decoded.charAt(prefix.length) === '/';
}

function decodeOnce(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function hasControlCharacter(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- controls are what is looked for
  return /[\x00-\x1f\x7f]/.test(text);
}

function refused(detail: string): Refusal {
  return refuse('PATH_PREFIX_REFUSED', detail);
}
