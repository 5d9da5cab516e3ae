import { isHex64, visibleAscii } from '../bytes/index.js';
import { isTenantId } from '../key-ring/index.js';
import { parsePathPrefix } from '../path/index.js';
import { isPriceModel, type PriceModel } from '../pricing/index.js';
import { ok, type Result, refuse } from '../result.js';
import { isCount, isPriceMsat, parseCanonicalInteger } from './numbers.js';

/** One caveat, read. Keys are those of the wire. */
export type Caveat =
  | { readonly key: 'services'; readonly value: string }
  | { readonly key: 'tenant_id' | 'endpoint_id' | 'session' | 'method' | 'path_prefix'; readonly value: string }
  | { readonly key: 'pubkey' | 'args_sha256' | 'body_sha256' | 'query_sha256'; readonly value: string }
  | { readonly key: 'grant' | 'preimage'; readonly value: string }
  | { readonly key: 'model'; readonly value: PriceModel }
  | { readonly key: 'minted_at' | 'expires_at' | 'valid_until'; readonly value: number }
  | { readonly key: 'price_msat' | 'uses' | 'n_uses' | 'max_sats'; readonly value: number };

export type CaveatKey = Caveat['key'];

const NAME = /^[a-z0-9-]{1,64}$/;
const SERVICES = /^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}:0$/;
const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;
const METHOD = /^[A-Z][A-Z0-9_-]{0,31}$/;
const GRANT = /^[0-9a-f]{32}$/;

type Reader = (value: string) => string | number | null;

const text =
  (isValid: (value: string) => boolean): Reader =>
  (value) =>
    isValid(value) ? value : null;

const integer =
  (isValid: (value: number) => boolean): Reader =>
  (value) => {
    const parsed = parseCanonicalInteger(value);
    return parsed !== null && isValid(parsed) ? parsed : null;
  };

/** How the value of each key is read. A Map: a name like `__proto__` finds nothing here. */
const READERS: ReadonlyMap<string, Reader> = new Map<CaveatKey, Reader>([
  ['services', text((value) => SERVICES.test(value))],
  ['tenant_id', text(isTenantId)],
  ['endpoint_id', text((value) => NAME.test(value))],
  ['model', text(isPriceModel)],
  ['price_msat', integer(isPriceMsat)],
  ['uses', integer(isCount)],
  ['minted_at', parseCanonicalInteger],
  ['expires_at', parseCanonicalInteger],
  ['pubkey', text(isHex64)],
  ['session', text((value) => SESSION_ID.test(value))],
  ['args_sha256', text(isHex64)],
  ['body_sha256', text(isHex64)],
  ['query_sha256', text(isHex64)],
  ['grant', text((value) => GRANT.test(value))],
  ['method', text((value) => METHOD.test(value))],
  ['path_prefix', readPathPrefix],
  ['valid_until', parseCanonicalInteger],
  ['n_uses', integer(isCount)],
  ['max_sats', integer(isCount)],
  ['preimage', (value) => (isHex64(value.toLowerCase()) ? value.toLowerCase() : null)],
]);

function readPathPrefix(value: string): string | null {
  const prefix = parsePathPrefix(value);
  return prefix.ok ? prefix.value : null;
}

/**
 * Reads one caveat: `key=value`, split at the first `=`, visible ASCII without spaces, numbers in canonical digits. A `path_prefix` comes back decoded.
 *
 * @returns `CAVEAT_UNKNOWN` for a key that is not of this page, `CAVEAT_MALFORMED` for everything else that is not right.
 */
export function parseCaveat(caveat: string | Uint8Array): Result<Caveat> {
  const line = typeof caveat === 'string' ? asciiLine(caveat) : visibleAscii(caveat);
  const split = line?.indexOf('=') ?? -1;
  if (line === null || split < 1) return refuse('CAVEAT_MALFORMED', 'A caveat is not of the form key=value.');
  const key = line.slice(0, split);
  const read = READERS.get(key);
  if (read === undefined) return refuse('CAVEAT_UNKNOWN', 'A caveat has a key that is not known.');
  const value = read(line.slice(split + 1));
  if (value === null) return refuse('CAVEAT_MALFORMED', `The value of ${key} is not right.`);
  return ok({ key, value } as Caveat);
}

function asciiLine(caveat: string): string | null {
  return /^[\x21-\x7e]*$/.test(caveat) ? caveat : null;
}
