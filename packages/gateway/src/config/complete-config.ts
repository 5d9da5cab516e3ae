import { resolve } from 'node:path';
import type { Endpoint } from '@satway/gate';
import type { ConfigFile, EndpointEntry } from './config-schema.js';
import { momentMs } from './field-types.js';
import {
  DEFAULT_IDEMPOTENCY,
  DEFAULT_LISTEN,
  DEFAULT_SIZES,
  DEFAULT_TIMES,
  type GatewayConfig,
  type StoreConfig,
  type WalletConfig,
} from './gateway-config.js';
import { macaroonHexOf, readNamedFile, readNamedVariable, type SourceContext } from './secret-source.js';

/** Where the embedded store lies unless told otherwise. */
const DEFAULT_STORE_FOLDER = 'satway-data';

/** Fills in the defaults and reads what the file names; what cannot be read is noted in `context.mistakes`. */
export async function completeConfig(file: ConfigFile, context: SourceContext): Promise<GatewayConfig> {
  const listen = { ...DEFAULT_LISTEN, ...defined(file.listen ?? {}) };
  return {
    tenant: file.tenant,
    origin: new URL(file.origin).origin,
    listen,
    publicUrl: file.publicUrl === undefined ? null : new URL(file.publicUrl).origin,
    admin: file.admin === undefined ? null : { host: '127.0.0.1', port: 0, ...defined(file.admin) },
    trustedProxies: file.trustedProxies ?? [],
    keysPath: resolve(context.folder, file.keys),
    store: await completeStore(file.store, context),
    wallet: await completeWallet(file.wallet, context),
    endpoints: file.endpoints.map(completeEndpoint),
    sizes: { ...DEFAULT_SIZES, ...defined(file.limits ?? {}) },
    times: { ...DEFAULT_TIMES, ...defined(file.timeouts ?? {}) },
    idempotency: { ...DEFAULT_IDEMPOTENCY, ...defined(file.idempotency ?? {}) },
    rates: defined(file.rates ?? {}),
    log: { level: file.log?.level ?? 'info' },
  };
}

async function completeStore(store: ConfigFile['store'], context: SourceContext): Promise<StoreConfig> {
  if (store.kind === 'memory') return { kind: 'memory' };
  if (store.kind === 'pglite') {
    const folder = resolve(context.folder, store.folder ?? DEFAULT_STORE_FOLDER);
    return { kind: 'pglite', folder, acceptPowerLoss: store.acceptPowerLoss ?? false };
  }
  return { kind: 'postgres', url: await readStoreUrl(store, context) };
}

async function readStoreUrl(
  store: Extract<ConfigFile['store'], { kind: 'postgres' }>,
  context: SourceContext,
): Promise<string> {
  if (store.urlEnv !== undefined) return readNamedVariable(context, ['store', 'urlEnv'], store.urlEnv);
  if (store.urlFile === undefined) return store.url ?? '';
  return (await readNamedFile(context, ['store', 'urlFile'], store.urlFile)).toString('utf8').trim();
}

async function completeWallet(wallet: ConfigFile['wallet'], context: SourceContext): Promise<WalletConfig> {
  const { url, tlsCertFile, network = null } = wallet;
  const macaroonHex = await readMacaroon(wallet, context);
  const certificate =
    tlsCertFile === undefined ? null : await readNamedFile(context, ['wallet', 'tlsCertFile'], tlsCertFile);
  const tlsCertificatePem = certificate === null ? null : certificate.toString('utf8');
  return { kind: 'lnd', url: new URL(url).origin, macaroonHex, tlsCertificatePem, network };
}

async function readMacaroon(wallet: ConfigFile['wallet'], context: SourceContext): Promise<string> {
  const { macaroonFile, macaroonEnv } = wallet;
  const key = macaroonFile === undefined ? 'macaroonEnv' : 'macaroonFile';
  const path = ['wallet', key];
  const bytes =
    macaroonFile === undefined
      ? Buffer.from(readNamedVariable(context, path, macaroonEnv ?? ''))
      : await readNamedFile(context, path, macaroonFile);
  const hex = bytes.length === 0 ? '' : macaroonHexOf(bytes);
  if (hex === null) context.mistakes.push({ path, message: 'does not hold a macaroon (raw, hex or base64)' });
  return hex ?? '';
}

function completeEndpoint(entry: EndpointEntry): Endpoint {
  const { id, method, path, credentialLifeMs, leaseMs, quotesValidAfter } = entry;
  const quotesValidAfterMs = quotesValidAfter === undefined ? undefined : momentMs(quotesValidAfter);
  return { id, method, path, price: priceOf(entry), ...defined({ credentialLifeMs, leaseMs, quotesValidAfterMs }) };
}

function priceOf(entry: EndpointEntry): Endpoint['price'] {
  if (entry.free === true) return { model: 'free' };
  const priceMsat = entry.priceMsat ?? (entry.priceSats ?? 0) * 1_000;
  return { model: 'per_request', priceMsat, uses: entry.uses ?? 1 };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that are there but undefined, so that a spread does not undo a default. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
