import { resolve } from 'node:path';
import { DEFAULT_INVOICE_EXPIRY_MS, type Endpoint } from '@satway/gate';
import type { ConfigFile, EndpointEntry } from './config-schema.js';
import { momentMs } from './field-types.js';
import {
  DEFAULT_IDEMPOTENCY,
  DEFAULT_LISTEN,
  DEFAULT_SIZES,
  DEFAULT_TIMES,
  DEFAULT_WATCH,
  type GatewayConfig,
  LNBITS_INVOICE_EXPIRY_MS,
  type StoreConfig,
} from './gateway-config.js';
import { completeWallet } from './complete-wallet.js';
import type { NamedSources, WalletSources } from './named-sources.js';
import type { WalletEntry } from './wallet-schema.js';

/** Where the embedded store lies unless told otherwise. */
const DEFAULT_STORE_FOLDER = 'satway-data';

/** Fills in the defaults. @param folder - that of the file: relative paths count from it. */
export function completeConfig(file: ConfigFile, sources: NamedSources, folder: string): GatewayConfig {
  const listen = { ...DEFAULT_LISTEN, ...defined(file.listen ?? {}) };
  return {
    tenant: file.tenant,
    origin: new URL(file.origin).origin,
    listen,
    publicUrl: file.publicUrl === undefined ? null : new URL(file.publicUrl).origin,
    admin: file.admin === undefined ? null : { host: '127.0.0.1', port: 0, ...defined(file.admin) },
    trustedProxies: file.trustedProxies ?? [],
    keysPath: resolve(folder, file.keys),
    store: completeStore(file.store, folder, sources.storeUrl),
    wallets: walletEntries(file).map((entry, index) => ({
      settings: completeWallet(entry, sources.wallets[index] ?? NO_SOURCES),
      allowPowers: entry.allowPowers ?? [],
    })),
    confirmSettlement: file.confirmSettlement ?? null,
    invoiceExpiryMs: file.invoiceExpiryMs ?? defaultInvoiceExpiryMs(file),
    watch: { ...DEFAULT_WATCH, ...defined(file.watch ?? {}) },
    endpoints: file.endpoints.map(completeEndpoint),
    sizes: { ...DEFAULT_SIZES, ...defined(file.limits ?? {}) },
    times: { ...DEFAULT_TIMES, ...defined(file.timeouts ?? {}) },
    idempotency: { ...DEFAULT_IDEMPOTENCY, ...defined(file.idempotency ?? {}) },
    rates: defined(file.rates ?? {}),
    log: { level: file.log?.level ?? 'info' },
  };
}

function defaultInvoiceExpiryMs(file: ConfigFile): number {
  const hasLnbits = walletEntries(file).some(({ kind }) => kind === 'lnbits');
  return hasLnbits ? LNBITS_INVOICE_EXPIRY_MS : DEFAULT_INVOICE_EXPIRY_MS;
}

function completeStore(store: ConfigFile['store'], folder: string, url: string): StoreConfig {
  if (store.kind === 'memory') return { kind: 'memory' };
  if (store.kind === 'postgres') return { kind: 'postgres', url };
  const dataFolder = resolve(folder, store.folder ?? DEFAULT_STORE_FOLDER);
  return { kind: 'pglite', folder: dataFolder, acceptPowerLoss: store.acceptPowerLoss ?? false };
}

const NO_SOURCES: WalletSources = { secret: '', tlsCertificatePem: null };

/** In the order in which their sources were read. */
function walletEntries({ wallet, wallets = [] }: ConfigFile): readonly WalletEntry[] {
  return wallet === undefined ? wallets : [wallet];
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
