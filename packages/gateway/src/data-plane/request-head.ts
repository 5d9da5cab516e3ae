import { hyphenTwin } from './name-twins.js';

/** What the gateway needs to know of a request before it is judged; read in one pass over the raw headers. */
export interface RequestHead {
  /** Names and values that pass to the origin, as sent. */
  readonly forwarded: string[];
  /** Whether a payment credential is there, good or bad: then every answer says what happened to the money. */
  readonly hasCredential: boolean;
  /** As declared; -1 where it is not. */
  readonly contentLength: number;
  readonly hasBody: boolean;
  /** To another protocol than HTTP. */
  readonly asksUpgrade: boolean;
  readonly host: string;
  /** Lines of that name; none is fine in HTTP/1.0 alone. */
  readonly hosts: number;
  readonly forwardedFor: string;
  /** What makes the head unfit to be judged at all; `null` where nothing does. */
  readonly flaw: string | null;
}

const enum Rule {
  Drop = 1,
  Host,
  ContentLength,
  TransferEncoding,
  Connection,
  Upgrade,
  Authorization,
  ForwardedFor,
}

/**
 * Hop-by-hop fields (RFC 9110, 7.6.1), credentials, and what the gateway itself tells the origin: none of it passes from a caller.
 * `Authorization` goes whatever its scheme, so that no spelling of a credential reaches the origin.
 */
const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    Host: Rule.Host,
    Authorization: Rule.Authorization,
    'Content-Length': Rule.ContentLength,
    'Transfer-Encoding': Rule.TransferEncoding,
    Connection: Rule.Connection,
    Upgrade: Rule.Upgrade,
    'X-Forwarded-For': Rule.ForwardedFor,
    'Keep-Alive': Rule.Drop,
    'Proxy-Connection': Rule.Drop,
    'Proxy-Authorization': Rule.Drop,
    'Proxy-Authenticate': Rule.Drop,
    'HTTP2-Settings': Rule.Drop,
    TE: Rule.Drop,
    Trailer: Rule.Drop,
    Expect: Rule.Drop,
    Forwarded: Rule.Drop,
    Via: Rule.Drop,
    'X-Forwarded-Host': Rule.Drop,
    'X-Forwarded-Proto': Rule.Drop,
    'X-Forwarded-Port': Rule.Drop,
    'X-Real-IP': Rule.Drop,
    'X-Request-Id': Rule.Drop,
    // An origin that follows these would do something else than what was priced.
    'X-Original-URL': Rule.Drop,
    'X-Rewrite-URL': Rule.Drop,
    'X-HTTP-Method': Rule.Drop,
    'X-HTTP-Method-Override': Rule.Drop,
    'X-Method-Override': Rule.Drop,
    'Nostr-Authorization': Rule.Drop,
    'Payment-Receipt': Rule.Drop,
  } satisfies Record<string, Rule>).flatMap(([name, rule]) => [
    [name, rule],
    [name.toLowerCase(), rule],
  ]),
);
/** HTTP/2 in the clear is an offer that a server may pass over (RFC 9110, 7.8); some clients make it with every first request. */
const PLAIN_UPGRADE = /^\s*h2c\s*$/i;
const PAYMENT_SCHEME = /^\s*(?:l402|lsat|payment)(?:\s|$)/i;
/** Names that begin so are the gateway's own, in both directions. */
const OWN_PREFIX = /^x-(?:payment|gateway|session)-/i;

/** Reads the raw headers of a request (`IncomingMessage.rawHeaders`); `rawHeaders`, since `headers` hides repeated lines. */
export function readRequestHead(rawHeaders: readonly string[]): RequestHead {
  const reader = new RequestHeadReader();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) reader.read(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  return reader.finish();
}

class RequestHeadReader implements RequestHead {
  forwarded: string[] = [];
  hasCredential = false;
  contentLength = -1;
  hasBody = false;
  asksUpgrade = false;
  host = '';
  hosts = 0;
  forwardedFor = '';
  flaw: string | null = null;
  private nominated: string | null = null;

  read(name: string, value: string): void {
    const rule = RULES.get(name) ?? RULES.get(name.toLowerCase());
    if (rule !== undefined) this.apply(rule, value);
    else if (!isOwnName(name) && !hasReservedTwin(name)) this.forwarded.push(name, value);
  }

  finish(): RequestHead {
    if (this.hosts > 1) this.flaw = 'It has more than one Host line.';
    if (this.nominated !== null) this.forwarded = withoutNominated(this.forwarded, this.nominated);
    if (this.contentLength >= 0) this.forwarded.push('content-length', String(this.contentLength));
    return this;
  }

  private apply(rule: Rule, value: string): void {
    if (rule === Rule.Host) {
      this.hosts += 1;
      this.host = value;
    } else if (rule === Rule.Authorization) this.hasCredential ||= PAYMENT_SCHEME.test(value);
    else if (rule === Rule.ContentLength) this.readContentLength(value);
    else if (rule === Rule.TransferEncoding) this.readTransferEncoding(value);
    else if (rule === Rule.Connection) this.readConnection(value);
    else if (rule === Rule.Upgrade) this.asksUpgrade ||= !PLAIN_UPGRADE.test(value);
    else if (rule === Rule.ForwardedFor) this.forwardedFor += this.forwardedFor === '' ? value : `, ${value}`;
  }

  private readContentLength(value: string): void {
    const bytes = /^\d{1,15}$/.test(value) ? Number(value) : -1;
    if (bytes < 0 || this.contentLength >= 0) this.flaw = 'Its Content-Length is not one plain number.';
    this.contentLength = bytes;
    this.hasBody ||= bytes > 0;
  }

  /** The parser takes `gzip, chunked` as well; the origin would get the bytes without the word that explains them. */
  private readTransferEncoding(value: string): void {
    if (value.trim().toLowerCase() !== 'chunked') this.flaw = 'Its Transfer-Encoding is not chunked alone.';
    this.hasBody = true;
  }

  /** `keep-alive` and `close` are nearly all there ever is. */
  private readConnection(value: string): void {
    if (value === 'keep-alive' || value === 'close') return;
    this.nominated = this.nominated === null ? value : `${this.nominated},${value}`;
  }
}

/** `x-` first: most names end here without a pattern being tried. */
function isOwnName(name: string): boolean {
  return (name.charCodeAt(0) | 0x20) === 0x78 && name.charCodeAt(1) === 0x2d && OWN_PREFIX.test(name);
}

/** A name that an origin may take for one that does not pass, or for one that only the gateway writes. */
function hasReservedTwin(name: string): boolean {
  const twin = hyphenTwin(name);
  return twin !== null && (RULES.has(twin) || OWN_PREFIX.test(twin) || twin.startsWith('x-forwarded-'));
}

/** Fields that `Connection` names belong to this hop alone. */
export function withoutNominated(pairs: readonly string[], connection: string): string[] {
  const names = new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
  const kept: string[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, pairs[i + 1] ?? '');
  }
  return kept;
}
