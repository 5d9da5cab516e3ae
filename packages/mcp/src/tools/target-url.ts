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

/** Also where a dot is encoded, however often, has parameters behind it, or is one of the characters that some servers read as one. */
function isDotSegment(segment: string): boolean {
  const decoded = decodedOnce(segment);
  return /[/\\\0]/.test(withPlainDots(decoded)) || becomesDots(decoded);
}

function hasDots(decoded: string): boolean {
  const parts = withPlainDots(decoded).split(/[/\\]/);
  return parts.some((part) => /^\.{1,2}(?:;|$)/.test(part));
}

function withPlainDots(text: string): string {
  return text.normalize('NFKC').replaceAll('\u3002', '.');
}

/** Whether it becomes a dot segment by further decodings, as servers behind one another do them; what needs more than a few is made for that. */
function becomesDots(decoded: string): boolean {
  let text = decoded;
  for (let rounds = 0; rounds < 8; rounds++) {
    if (hasDots(text)) return true;
    const next = text.replaceAll(/%(?:2e|2f|3b|5c|25)/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
    if (next === text) return false;
    text = next;
  }
  return true;
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
