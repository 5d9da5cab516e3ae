import { SatwayError } from '@satway/base';
import type { KnownSeller } from '../settings/index.js';

/** Values of a query; a list repeats its name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;

/** A full URL of a caller's, with more query. @throws {SatwayError} `MCP_ADDRESS_REFUSED`. */
export function targetOfUrl(text: string, query: Query = {}): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw refused('The url is no http or https URL.');
  if (url.username !== '' || url.password !== '') throw refused('The url carries a name or a password.');
  url.hash = '';
  return withQuery(url, query);
}

/**
 * A path below a known seller. Whatever it is made of, it stays there.
 *
 * @throws {SatwayError} `MCP_ADDRESS_REFUSED`.
 */
export function targetOfPath({ baseUrl }: KnownSeller, path: string, query: Query = {}): string {
  refusePath(path);
  const base = new URL(`${baseUrl}/`);
  const url = URL.canParse(`${baseUrl}${path}`) ? new URL(`${baseUrl}${path}`) : null;
  // The checks above say why; this one holds whatever they forgot.
  const stays =
    url !== null &&
    url.origin === base.origin &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '' &&
    url.pathname.startsWith(base.pathname);
  if (!stays) throw refused('The path leaves its slug.');
  return withQuery(url, query);
}

function refusePath(path: string): void {
  if (!path.startsWith('/')) throw refused('The path must start with a slash.');
  if (path.startsWith('//')) throw refused('The path must start with one slash only.');
  if (/[\\#\s\p{Cc}\p{Cf}]/u.test(path)) {
    throw refused('The path has a backslash, a #, a blank or a control character in it.');
  }
  const [beforeQuery = ''] = path.split('?');
  if (beforeQuery.split('/').some(isDotSegment)) throw refused('The path has a dot segment in it.');
}

/** Also where a dot is encoded, or one of the characters that some servers read as one. */
function isDotSegment(segment: string): boolean {
  const decoded = decodedOnce(segment).normalize('NFKC').replaceAll('\u3002', '.');
  return /^\.{1,2}$/.test(decoded) || /[/\\\0]/.test(decoded);
}

function decodedOnce(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw refused('The path is not encoded as it should be.', cause);
  }
}

function withQuery(url: URL, query: Query): string {
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each));
  }
  return url.href;
}

function refused(detail: string, cause?: unknown): SatwayError {
  return new SatwayError('MCP_ADDRESS_REFUSED', { detail, cause });
}
