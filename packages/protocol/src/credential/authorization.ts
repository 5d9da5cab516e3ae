/** What the `Authorization` lines of a request carry. */
export type Authorization =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'credential';
      readonly scheme: 'L402' | 'LSAT';
      readonly macaroonText: string;
      readonly preimageHex: string;
    }
  | { readonly kind: 'payment'; readonly token: string }
  | { readonly kind: 'other'; readonly scheme: string }
  | { readonly kind: 'malformed'; readonly detail: string };

const MAX_VALUE = 8_192;
const CREDENTIAL = /^([A-Za-z0-9+/_-]+={0,2}):([0-9a-fA-F]{64})$/;

/** Reads every line of that name; two are refused, since different readers would choose different ones. */
export function parseAuthorization(rawHeaders: readonly string[]): Authorization {
  let value: string | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (value !== null) return malformed('There is more than one Authorization line.');
    value = rawHeaders[index + 1] ?? '';
  }
  return value === null ? { kind: 'none' } : parseValue(value.trim());
}

function parseValue(value: string): Authorization {
  if (value.length > MAX_VALUE) return malformed('It is longer than 8 KiB.');
  const space = value.indexOf(' ');
  const scheme = space < 0 ? value : value.slice(0, space);
  const rest = space < 0 ? '' : value.slice(space + 1).trim();
  const upper = scheme.toUpperCase();
  if (upper === 'L402' || upper === 'LSAT') return parseCredential(upper, rest);
  if (upper === 'PAYMENT') return { kind: 'payment', token: rest };
  return { kind: 'other', scheme };
}

/** One macaroon; split at the last colon. */
function parseCredential(scheme: 'L402' | 'LSAT', text: string): Authorization {
  const match = CREDENTIAL.exec(text);
  if (match === null) return malformed('It is not <macaroon>:<preimage>.');
  return { kind: 'credential', scheme, macaroonText: match[1] ?? '', preimageHex: (match[2] ?? '').toLowerCase() };
}

/** The value of the header that presents a credential. */
export function formatAuthorization(macaroonText: string, preimageHex: string): string {
  return `L402 ${macaroonText}:${preimageHex.toLowerCase()}`;
}

function malformed(detail: string): Authorization {
  return { kind: 'malformed', detail };
}
