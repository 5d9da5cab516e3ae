import { isIP } from 'node:net';
import { isSellableMethod, SELLABLE_METHODS } from '@satway/gate';
import { fingerprintIn } from '@satway/wallets/environment';
import { z } from 'zod';

/** A rule that says in words what is wrong with a value; `null` where nothing is. */
export type Rule = (value: unknown) => string | null;

/** A field that is checked by a rule of ours, so that each mistake gets the message that helps. */
export function field<T>(rule: Rule, whenMissing = 'is missing'): z.ZodType<T> {
  return z.custom<T>((value) => rule(value) === null, {
    error: (issue) => (issue.input === undefined ? whenMissing : (rule(issue.input) ?? 'is not right')),
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9-]{1,64}$/;
/** Whole bitcoin supply in millisatoshis stays a safe integer; in sats the bound keeps the product so. */
const MAX_SATS = 2_100_000_000_000_000;
const TENANT_ID_ADVICE = '`satway gateway init` writes a file with a fresh one, which then stays the same for ever';
const MAX_USES = 2 ** 32 - 1;

/** A number that counts or measures: whole, from `min` to `max`, without a unit. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  return field<number>((value) => {
    if (typeof value === 'string' && /^\s*[+-]?\d/.test(value))
      return 'must be a number without quotes and without a unit';
    if (typeof value !== 'number') return 'must be a whole number';
    if (!Number.isSafeInteger(value)) return `must be a whole number, not ${value}`;
    return value < min || value > max ? `must be ${rangeInWords(min, max)}, not ${value}` : null;
  });
}

function rangeInWords(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
}

/** A price; zero is said with `free: true`, so that a slip never gives anything away. */
function priceRule(unit: 'sats' | 'millisatoshis', max: number): Rule {
  return (value) => {
    if (typeof value === 'string') return `must be a number of ${unit} without quotes and without a unit, such as 10`;
    if (typeof value !== 'number' || Number.isNaN(value)) return `must be a whole number of ${unit}`;
    if (value === 0) return 'must be at least 1; say free: true to give it away';
    if (value < 0) return `must be at least 1, not ${value}: nobody is paid for calling`;
    if (!Number.isInteger(value)) return fractionInWords(value, unit);
    return value > max ? `must be at most ${max}` : null;
  };
}

function fractionInWords(value: number, unit: 'sats' | 'millisatoshis'): string {
  const inMsat = value * 1_000;
  if (unit === 'sats' && Number.isSafeInteger(inMsat)) {
    return `must be a whole number of sats; for ${value} sats say priceMsat: ${inMsat}`;
  }
  return `must be a whole number of ${unit}, not ${value}`;
}

export const priceSats = field<number>(priceRule('sats', MAX_SATS / 1_000));
export const priceMsat = field<number>(priceRule('millisatoshis', MAX_SATS));
export const uses = wholeNumber(1, MAX_USES);
export const port = wholeNumber(0, 65_535);
export const positiveBytes = wholeNumber(1);
export const milliseconds = wholeNumber(1, 2 ** 31 - 1);

export const slug = field<string>((value) =>
  typeof value === 'string' && SLUG.test(value) ? null : 'must be 1 to 64 of a-z, 0-9 and -',
);

export const tenantId = field<string>(
  (value) =>
    typeof value === 'string' && UUID.test(value) ? null : `must be a UUID in lower case; ${TENANT_ID_ADVICE}`,
  `is missing; ${TENANT_ID_ADVICE}`,
);

export const text = field<string>((value) =>
  typeof value === 'string' && value.trim() !== '' ? null : 'must be a text that is not empty',
);

export const flag = field<boolean>((value) => (typeof value === 'boolean' ? null : 'must be true or false'));

export const flagTrue = field<true>((value) => (value === true ? null : 'must be true, or be left out'));

/** `http://host:port` without anything after it. */
export const originUrl = field<string>((value) => {
  const url = typeof value === 'string' ? parseUrl(value) : null;
  if (url === null) return 'must be an address such as http://127.0.0.1:9000';
  return (
    baseUrlMistake(url) ??
    (url.pathname !== '/' || url.search !== '' || url.hash !== '' ? 'must end after the host and the port' : null)
  );
});

/** `https://host:port/path`, where a program may lie below a path. */
export const baseUrl = field<string>((value) => {
  const url = typeof value === 'string' ? parseUrl(value) : null;
  if (url === null) return 'must be an address such as https://lnbits.example';
  return baseUrlMistake(url) ?? (url.search !== '' || url.hash !== '' ? 'must end after the path' : null);
});

function baseUrlMistake(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must start with http:// or https://';
  return url.username !== '' || url.password !== '' ? 'must not hold a user name or password' : null;
}

/** SHA-256 of a certificate, as `openssl x509 -fingerprint -sha256` prints it, with or without its label and colons. */
export const fingerprint = field<string>((value) =>
  typeof value === 'string' && fingerprintIn(value) !== null
    ? null
    : 'must be the SHA-256 fingerprint of the certificate: 64 hex digits, with or without colons',
);

/** A name or address of this machine, as it stands in an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

export const networkOrAddress = field<string>((value) => {
  const [address = '', prefix, ...rest] = typeof value === 'string' ? value.split('/') : [];
  const bits = isIP(address) === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return isIP(address) !== 0 && isPrefix && rest.length === 0
    ? null
    : 'must be an IP address or a network such as 10.0.0.0/8';
});

export const methodName = field<string>((value) =>
  typeof value === 'string' && isSellableMethod(value) ? null : `must be one of ${SELLABLE_METHODS.join(', ')}`,
);

/** A moment that does not lie ahead, as ISO 8601 or in unix milliseconds. */
export const pastMoment = field<string | number>((value) => {
  const ms = momentMs(value);
  if (!Number.isSafeInteger(ms)) return 'must be a time such as 2026-01-31T00:00:00Z, or unix milliseconds';
  return ms > Date.now() ? 'must not lie ahead: all that is sold until then would be void' : null;
});

/** Unix milliseconds of a moment; NaN where it is none. */
export function momentMs(value: unknown): number {
  if (typeof value === 'number') return value >= 0 ? value : Number.NaN;
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
}

export function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}
