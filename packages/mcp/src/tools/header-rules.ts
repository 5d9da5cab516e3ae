import { SatwayError } from '@satway/base';
import { isPaymentHeader } from '@satway/protocol';

/** What frames a request or proves something, and is therefore set by Satway alone. */
const REFUSED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'nostr-authorization',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

/** Whatever a session is called that may have been paid for: a model has no use for another. */
const SESSION = /^(?:x-|accept-)?session(?:$|-)/;

/** Whether a caller may not set a header of this name. Many servers read `_` as `-`. */
export function isRefusedHeader(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return REFUSED.has(plain) || SESSION.test(plain) || isPaymentHeader(plain);
}

/**
 * The headers of a call.
 *
 * @throws {SatwayError} `MCP_HEADER_REFUSED`; names the header, never its value.
 */
export function readHeaders(headers: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(headers).map(([name, value]) => {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) {
      throw new SatwayError('MCP_HEADER_REFUSED', { detail: 'A name is no header.' });
    }
    if (isRefusedHeader(name)) throw new SatwayError('MCP_HEADER_REFUSED', { detail: name.toLowerCase() });
    // Visible characters and blanks: a line break would begin another header.
    if (!/^[\t\x20-\x7e\x80-\xff]{0,8192}$/.test(value)) {
      throw new SatwayError('MCP_HEADER_REFUSED', { detail: `The value of ${name.toLowerCase()} is no header's.` });
    }
    return [name.toLowerCase(), value] as const;
  });
}
