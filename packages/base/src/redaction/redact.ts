/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/**
 * Names under which secrets travel, compared without case, `-` and `_`. A value under such a name is dropped whole, whatever it is.
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'wwwauthenticate',
  'macaroon',
  'macaroonhex',
  'macaroonbase64',
  'macaroontext',
  'lndmacaroon',
  'grpcmetadatamacaroon',
  'token',
  'preimage',
  'preimagehex',
  'rpreimage',
  'paymentpreimage',
  'xapikey',
  'apikey',
  'adminkey',
  'invoicekey',
  'inkey',
  'lnbitsadminkey',
  'lnbitsinvoicekey',
  'password',
  'httppassword',
  'httppasswordlimitedaccess',
  'phoenixdpassword',
  'secret',
  'secrethex',
  'privatekey',
  'seed',
  'xsessiontoken',
  'sessiontoken',
  'nostrauthorization',
  'xcashu',
  'nwcuri',
  'connectionstring',
  'databaseurl',
  'idempotencykey',
]);

/**
 * Forms by which a secret is recognised inside free text: headers that carry one, payment credentials after their scheme, wallet and database addresses
 * with a password in them, `name=value` pairs of secret names (also at the end of a variable's name, such as `LND_MACAROON`), Nostr private keys, handed-over credentials, and
 * macaroons by the first bytes of the v2 format. A placeholder (`${…}`) is none.
 */
const SECRET_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /(authorization["']?\s*[=:]\s*["']?)(?!\$\{)(?:(?:L402|LSAT|Bearer|Basic|Payment|Nostr)\s+)?[^\s"',]+/gi,
    `$1${REDACTED}`,
  ],
  [/\b(L402|LSAT|Bearer|Basic|Payment|Nostr)\s+[A-Za-z0-9+/_=.-]{16,}(?::[0-9a-fA-F]{1,128})?/gi, `$1 ${REDACTED}`],
  // Basic credentials with the empty user name, however short: a colon comes first.
  [/\b([Bb]asic)\s+O[g-v][A-Za-z0-9+/]{2,}={0,2}/g, `$1 ${REDACTED}`],
  [/\bnostr(?:\+|%2b)?walletconnect(?::|%3a)[^\s"'<>]+/gi, REDACTED],
  [/\bnsec1[02-9ac-hj-np-z]{20,}/gi, REDACTED],
  // Not from the scheme on: each letter of a long word would be taken for its beginning.
  [/(?<=:\/\/)[^\s/:@]*:[^\s/@]+@/g, `${REDACTED}@`],
  [/(passw(?:or)?d|passphrase)(["']?\s*[=:]\s*["']?)(?!\$\{|\[redacted)[^\s"'&,;<>]{4,}/gi, `$1$2${REDACTED}`],
  [
    /(macaroon(?:hex|base64)?|token|preimage(?:hex)?|secret|(?:api|admin|invoice)[-_]?key|\binkey)(["']?\s*[=:]\s*["']?)[A-Za-z0-9+/_=.-]{8,}/gi,
    `$1$2${REDACTED}`,
  ],
  // A handed-over credential, also one that is cut short.
  [/satway_credential_v\d+_[A-Za-z0-9_.-]*[A-Za-z0-9_-]/gi, REDACTED],
  [/(?<![A-Za-z0-9+/])Ag[EI][A-Za-z0-9+/_-]{40,}={0,2}/g, REDACTED],
  [/(?<![A-Za-z0-9])020[12][0-9a-fA-F]{80,}\b/g, REDACTED],
];

/** Nobody reads more, and a repetition in a pattern gives up at some millions. */
const MAX_CHARS = 1_000_000;

/** Removes what looks like a secret from a text. Linear in its length; what is behind the first million characters is left out. */
export function redactText(text: string): string {
  if (text.length > MAX_CHARS) return `${redactText(text.slice(0, MAX_CHARS))}[… ${text.length - MAX_CHARS} more]`;
  return SECRET_PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

/** Whether a field, header or variable of this name holds a secret by its name alone. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replace(/[-_]/g, ''));
}

/**
 * A copy of a value that can be logged: secret names dropped, secrets in texts replaced, bytes shown by their length only. Errors keep
 * name, code and message. Cycles and depths beyond eight end in a mark.
 */
export function redact(value: unknown): unknown {
  return redactAt(value, 0, new Set());
}

function redactAt(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth >= 8 || above.has(value)) return '[…]';
  above.add(value);
  const copy = Array.isArray(value)
    ? value.map((item) => redactAt(item, depth + 1, above))
    : redactFields(fieldsOf(value), depth, above);
  above.delete(value);
  return copy;
}

function fieldsOf(value: object): [string, unknown][] {
  if (!(value instanceof Error)) return Object.entries(value);
  const { name, message, cause } = value;
  return [
    ['name', name],
    ['message', message],
    ...(cause === undefined ? [] : [['cause', cause] as [string, unknown]]),
    ...Object.entries(value),
  ];
}

function redactFields(
  fields: readonly [string, unknown][],
  depth: number,
  above: Set<object>,
): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, field] of fields) {
    copy[name] = isSecretName(name) || isWalletKey(name, field) ? REDACTED : redactAt(field, depth + 1, above);
  }
  return copy;
}

/** The settings of an LNbits wallet hold its key under a name that is too common to be dropped whatever it holds. */
function isWalletKey(name: string, field: unknown): boolean {
  return name === 'key' && typeof field === 'string' && /^[0-9a-fA-F]{32,}$/.test(field);
}
