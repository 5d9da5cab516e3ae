import { DEFAULT_CREDENTIAL_LIFE_MS, parseRoutePattern } from '@satway/gate';
import { parseUrl } from './field-types.js';
import { DEFAULT_SIZES } from './gateway-config.js';
import type { ConfigMistake } from './mistake.js';
import { contradictionsOfWallets, placedWallets } from './wallet-contradictions.js';

type Entry = Readonly<Record<string, unknown>>;

/** Paths under which the gateway itself answers; an endpoint there would never be reached. */
const RESERVED = /^\/(?:healthz|metrics|\.well-known\/(?:l402-gateway\.json|l402\/(?:balance|revoke)))$/;

/**
 * What the parts of a file have against each other. Works on unchecked data, so that these mistakes are listed together with those of
 * the schema; whatever has the wrong type was reported there and is passed over here.
 */
export function listContradictions(data: unknown): ConfigMistake[] {
  const root = asEntry(data);
  return [
    ...contradictionsOfEndpoints(root['endpoints']),
    ...contradictionsOfWallets(root),
    ...brokenSats(root),
    ...longInvoices(root),
    ...contradictionsOfStore(asEntry(root['store'])),
    ...contradictionsOfListeners(root),
    ...contradictionsOfLimits(asEntry(root['limits'])),
  ];
}

function contradictionsOfEndpoints(list: unknown): ConfigMistake[] {
  if (!Array.isArray(list)) return [];
  const idHolders = new Map<string, number>();
  const routeHolders = new Map<string, number>();
  return list.flatMap((item: unknown, index) => {
    const entry = asEntry(item);
    return [
      ...priceContradictions(entry, index),
      ...idClash(entry, index, idHolders),
      ...routeMistakes(entry, index, routeHolders),
    ];
  });
}

function priceContradictions(entry: Entry, index: number): ConfigMistake[] {
  const prices = ['priceSats', 'priceMsat'].filter((key) => entry[key] !== undefined);
  const at = (key: string, message: string): ConfigMistake => ({
    path: ['endpoints', index, key],
    message,
    atKey: true,
  });
  if (entry['free'] === true) {
    const contradicting = ['priceSats', 'priceMsat', 'uses', 'credentialLifeMs', 'leaseMs', 'quotesValidAfter'];
    return contradicting.filter((key) => entry[key] !== undefined).map((key) => at(key, 'contradicts free: true'));
  }
  if (prices.length === 2) return [at('priceMsat', 'contradicts priceSats; give one of the two')];
  if (prices.length === 1 || entry['free'] !== undefined) return [];
  return [{ path: ['endpoints', index], message: 'has no price; give priceSats or priceMsat, or say free: true' }];
}

/** Kinds that make invoices over whole satoshis only. */
const WHOLE_SATS_ONLY: readonly unknown[] = ['lnbits', 'phoenixd'];

/** Prices that one of the wallets could never ask for. */
function brokenSats(root: Entry): ConfigMistake[] {
  const kinds = placedWallets(root).map(({ entry }) => entry['kind']);
  const kind = kinds.find((each): each is string => typeof each === 'string' && WHOLE_SATS_ONLY.includes(each));
  const list: unknown = root['endpoints'];
  if (kind === undefined || !Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) => {
    const { priceMsat } = asEntry(item);
    if (!Number.isSafeInteger(priceMsat) || Number(priceMsat) % 1_000 === 0) return [];
    const message = `must be a multiple of 1000: ${kind} makes invoices over whole sats only`;
    return [{ path: ['endpoints', index, 'priceMsat'], message }];
  });
}

/** Nobody must pay for a credential that ends before it can be used: an invoice lives at most a third of its life. */
function longInvoices({ invoiceExpiryMs, endpoints }: Entry): ConfigMistake[] {
  if (typeof invoiceExpiryMs !== 'number' || !Array.isArray(endpoints)) return [];
  return endpoints.flatMap((item: unknown, index) => {
    const { credentialLifeMs = DEFAULT_CREDENTIAL_LIFE_MS, free } = asEntry(item);
    if (free === true || typeof credentialLifeMs !== 'number' || invoiceExpiryMs * 3 <= credentialLifeMs) return [];
    const message = `must be at least three times invoiceExpiryMs (${invoiceExpiryMs}), which is ${invoiceExpiryMs * 3}; it is ${credentialLifeMs}`;
    return [{ path: ['endpoints', index, 'credentialLifeMs'], message }];
  });
}

function idClash(entry: Entry, index: number, holders: Map<string, number>): ConfigMistake[] {
  const id = entry['id'];
  if (typeof id !== 'string') return [];
  const holder = holders.get(id);
  if (holder === undefined) holders.set(id, index);
  return holder === undefined
    ? []
    : [{ path: ['endpoints', index, 'id'], message: `is the id of endpoints[${holder}] already` }];
}

function routeMistakes(entry: Entry, index: number, holders: Map<string, number>): ConfigMistake[] {
  const { method, path } = entry;
  if (typeof path !== 'string' || path.trim() === '') return [];
  const at = (message: string): ConfigMistake[] => [{ path: ['endpoints', index, 'path'], message }];
  const pattern = parseRoutePattern(path);
  if (!pattern.ok) return at(pattern.mistake.replace(/^path /, ''));
  const { routerPath } = pattern.value;
  if (RESERVED.test(routerPath)) return at(`${routerPath} belongs to the gateway itself`);
  const route = `${String(method)} ${routerPath}`;
  const holder = holders.get(route);
  if (holder === undefined) holders.set(route, index);
  return holder === undefined ? [] : at(`is, with this method, that of endpoints[${holder}] already`);
}

function contradictionsOfStore(store: Entry): ConfigMistake[] {
  if (store['kind'] !== 'postgres') return [];
  const mistakes = exactlyOne(store, 'store', ['url', 'urlFile', 'urlEnv']);
  const url = typeof store['url'] === 'string' ? parseUrl(store['url']) : null;
  if (store['url'] !== undefined && !/^postgres(?:ql)?:$/.test(url?.protocol ?? '')) {
    mistakes.push({ path: ['store', 'url'], message: 'must start with postgres://' });
  }
  if (url !== null && url.password !== '') {
    mistakes.push({ path: ['store', 'url'], message: 'holds a password; put the address into urlFile or urlEnv' });
  }
  return mistakes;
}

function contradictionsOfListeners(root: Entry): ConfigMistake[] {
  const listen = asEntry(root['listen']);
  const admin = asEntry(root['admin']);
  const isSame = typeof admin['port'] === 'number' && admin['port'] !== 0 && admin['port'] === (listen['port'] ?? 8402);
  if (!isSame) return [];
  return [{ path: ['admin', 'port'], message: 'is the port of listen already' }];
}

/** Where not even one body of full length has room, some calls never pass. */
function contradictionsOfLimits(limits: Entry): ConfigMistake[] {
  const { requestBodyBytes = DEFAULT_SIZES.requestBodyBytes, heldBodyBytes = DEFAULT_SIZES.heldBodyBytes } = limits;
  if (typeof requestBodyBytes !== 'number' || typeof heldBodyBytes !== 'number') return [];
  if (heldBodyBytes >= requestBodyBytes) return [];
  const key = limits['heldBodyBytes'] === undefined ? 'requestBodyBytes' : 'heldBodyBytes';
  const message = `heldBodyBytes (${heldBodyBytes}) must be at least requestBodyBytes (${requestBodyBytes})`;
  return [{ path: ['limits', key], message }];
}

function exactlyOne(entry: Entry, place: string, keys: readonly string[]): ConfigMistake[] {
  const given = keys.filter((key) => entry[key] !== undefined);
  if (given.length === 0) return [{ path: [place], message: `needs one of ${keys.join(', ')}` }];
  return given.slice(1).map((key) => ({
    path: [place, key],
    atKey: true,
    message: `contradicts ${given[0]}; give one of the two`,
  }));
}

function asEntry(value: unknown): Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : {};
}
