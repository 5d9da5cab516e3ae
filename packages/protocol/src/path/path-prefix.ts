import { ok, type Result, refuse } from '../result.js';
import type { CanonicalPath } from './canonical-path.js';

/**
 * Reads the value of a `path_prefix` caveat into the form in which it is compared: one percent-decode, dot segments dropped, no trailing slash.
 * Refused: empty, not starting with `/`, `..`, a backslash, `://`, `//`.
 */
export function parsePathPrefix(text: string): Result<string> {
  const decoded = decodeOnce(text);
  if (decoded === null || !decoded.startsWith('/')) return refused('It must start with /.');
  if (/\\|:\/\/|\/\/|[\u0000-\u001f\u007f]/.test(decoded))
    return refused('It has a backslash, an empty segment or a control character.');
  const segments = decoded.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return refused('It has a .. segment.');
  return ok(`/${segments.join('/')}`);
}

function decodeOnce(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Whether a path lies at or below a prefix, at a segment boundary, with regard to case. @param prefix - as `parsePathPrefix` gives it. */
export function pathPrefixCovers(prefix: string, path: CanonicalPath): boolean {
  const decoded = decodeOnce(path.forward);
  if (decoded === null) return false;
  const own = decoded.length > 1 && decoded.endsWith('/') ? decoded.slice(0, -1) : decoded;
  return prefix === '/' || own === prefix || own.startsWith(`${prefix}/`);
}

function refused(detail: string): ReturnType<typeof refuse> {
  return refuse('CAVEAT_MALFORMED', `path_prefix: ${detail}`);
}
