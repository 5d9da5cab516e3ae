import { hyphenTwin } from './name-twins.js';
import { withoutNominated } from './request-head.js';

/** What passes of the head of an origin's answer. */
export interface ResponseHead {
  readonly headers: string[];
  /** As declared; -1 where it is not. */
  readonly contentLength: number;
  /** Its bytes came in another transfer coding than `chunked`. No line that passes says so, and the caller could not read them. */
  readonly isCoded: boolean;
}

/**
 * Hop-by-hop fields, what only the gateway may say about money, and `Alt-Svc`, which would lead callers past the gateway.
 * Names here are as a parser compares them: lower case.
 */
const DROPPED: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'upgrade',
  'trailer',
  'te',
  'payment-receipt',
  'alt-svc',
  'x-request-id',
]);
const OWN_PREFIX = /^x-(?:payment|gateway|session)-/;
/** A payment scheme where a challenge may begin: at the start or after a comma, also inside a folded list. */
const PAYMENT_CHALLENGE = /(?:^|,)\s*(?:l402|lsat|payment)(?:\s|,|$)/i;
/** The same few names come with nearly every answer; reading each anew costs more than looking it up. */
const judgedNames = new Map<string, string>();
const MAX_REMEMBERED_NAMES = 512;

/** Reads the raw head of an origin's answer: names and values in turn, as bytes. */
export function readResponseHead(rawHeaders: readonly Buffer[]): ResponseHead {
  const headers: string[] = [];
  let contentLength = -1;
  let isCoded = false;
  let nominated: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toString('latin1') ?? '';
    const value = rawHeaders[i + 1]?.toString('latin1') ?? '';
    const lower = judgedName(name);
    if (lower === 'connection') nominated = addNominated(nominated, value);
    else if (passes(lower, value)) headers.push(name, value);
    if (lower === 'content-length') contentLength = Number(value);
    else if (lower === 'transfer-encoding') isCoded ||= isOtherThanChunked(name, value);
  }
  return { headers: nominated === null ? headers : withoutNominated(headers, nominated), contentLength, isCoded };
}

/**
 * For answers that never have a body, 204 and 304: the length means nothing there, and callers whose parser counts bytes against it would take
 * the answer for broken.
 */
export function withoutContentLength({ headers, contentLength, isCoded }: ResponseHead): ResponseHead {
  const kept = contentLength < 0 ? headers : withoutNominated(headers, 'content-length');
  return { headers: kept, contentLength: -1, isCoded };
}

/** A mere twin of the name says nothing to the parser. */
function isOtherThanChunked(name: string, value: string): boolean {
  return value !== 'chunked' && name.includes('-') && value.trim().toLowerCase() !== 'chunked';
}

/** `keep-alive` and `close` name no field; they are nearly all there ever is. */
function addNominated(nominated: string | null, value: string): string | null {
  if (value === 'keep-alive' || value === 'close') return nominated;
  return nominated === null ? value : `${nominated},${value}`;
}

function passes(lower: string, value: string): boolean {
  if (DROPPED.has(lower)) return false;
  if (lower.charCodeAt(0) === 0x78 && OWN_PREFIX.test(lower)) return false;
  return lower !== 'www-authenticate' || !PAYMENT_CHALLENGE.test(value);
}

/** In lower case; as its twin, where a caller may take it for one that does not pass. */
function judgedName(name: string): string {
  const known = judgedNames.get(name);
  if (known !== undefined) return known;
  const twin = hyphenTwin(name);
  const judged = twin === null || twin === 'content-length' ? name.toLowerCase() : twin;
  if (judgedNames.size < MAX_REMEMBERED_NAMES) judgedNames.set(name, judged);
  return judged;
}
