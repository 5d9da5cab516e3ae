import { SatwayError } from '@satway/base';
import { isHex64 } from '../bytes/index.js';
import { MAX_MACAROON_TEXT_LENGTH } from '../macaroon/index.js';

/** What the `Authorization` header of a request holds, before anything of it is verified. */
export type Authorization =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'credential';
      readonly scheme: 'L402' | 'LSAT';
      readonly macaroonText: string;
      /** Lower case. */
      readonly preimageHex: string;
    }
  /** The `Payment` scheme; the token is not looked at. */
  | { readonly kind: 'payment'; readonly token: string }
  /** `Bearer`, `Basic`, … */
  | { readonly kind: 'other'; readonly scheme: string }
  | { readonly kind: 'malformed'; readonly detail: string };

const HEADER = 'authorization';
const SCHEME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const MAX_TOKEN_LENGTH = 16_384;
const NONE: Authorization = { kind: 'none' };

/**
 * Reads the credential of a request from its raw headers (name, value, name, value …): node:http keeps silently the first of two `Authorization` lines, so that only
 * these show the second. Two of them are malformed, whatever they hold. One macaroon, split from the preimage at the last colon.
 */
export function parseAuthorization(rawHeaders: readonly string[]): Authorization {
  let value: string | null = null;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (!isAuthorization(rawHeaders[at])) continue;
    if (value !== null) return malformed('There are two Authorization headers.');
    value = rawHeaders[at + 1] ?? '';
  }
  return value === null ? NONE : parseValue(trimBlanks(value));
}

function isAuthorization(name: string | undefined): boolean {
  return name !== undefined && name.length === HEADER.length && name.toLowerCase() === HEADER;
}

/** Space and tab only, from both ends, each character looked at once. */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value, start)) start += 1;
  while (end > start && isBlank(value, end - 1)) end -= 1;
  return value.slice(start, end);
}

function isBlank(value: string, at: number): boolean {
  const character = value.charCodeAt(at);
  return character === 0x20 || character === 0x09;
}

function parseValue(value: string): Authorization {
  const scheme = SCHEME.exec(value)?.[0];
  if (scheme === undefined) return malformed('There is no scheme.');
  if (scheme.length < value.length && !isBlank(value, scheme.length)) return malformed('The scheme has no end.');
  const content = trimBlanks(value.slice(scheme.length));
  switch (scheme.toUpperCase()) {
    case 'L402':
      return parseCredential('L402', content);
    case 'LSAT':
      return parseCredential('LSAT', content);
    case 'PAYMENT':
      return parsePayment(content);
    default:
      return { kind: 'other', scheme };
  }
}

function parseCredential(scheme: 'L402' | 'LSAT', content: string): Authorization {
  const colon = content.lastIndexOf(':');
  if (colon === -1) return malformed('There is no colon between macaroon and preimage.');
  const macaroonText = content.slice(0, colon);
  const preimageHex = content.slice(colon + 1).toLowerCase();
  if (macaroonText.length > MAX_MACAROON_TEXT_LENGTH) return malformed('The macaroon is too long.');
  if (!BASE64.test(macaroonText)) return malformed('The macaroon is not one base64 text.');
  if (!isHex64(preimageHex)) return malformed('The preimage is not 64 hex digits.');
  return { kind: 'credential', scheme, macaroonText, preimageHex };
}

function parsePayment(token: string): Authorization {
  if (token.length > MAX_TOKEN_LENGTH || !BASE64.test(token)) return malformed('The payment token is not base64.');
  return { kind: 'payment', token };
}

function malformed(detail: string): Authorization {
  return { kind: 'malformed', detail };
}

/**
 * The value of an `Authorization` header: `L402 <macaroon>:<preimage>`, the preimage in lower case.
 *
 * @throws {SatwayError} `CREDENTIAL_NOT_ENCODABLE`: a part that would not be one word of the header. Neither is in the message.
 */
export function formatAuthorization(macaroonText: string, preimageHex: string): string {
  const preimage = preimageHex.toLowerCase();
  // Others' tokens need not be macaroons; any visible characters without comma, quote or blank stay one word.
  if (!/^[\x21\x23-\x2b\x2d-\x7e]+$/.test(macaroonText) || !isHex64(preimage)) {
    throw new SatwayError('CREDENTIAL_NOT_ENCODABLE');
  }
  return `L402 ${macaroonText}:${preimage}`;
}
