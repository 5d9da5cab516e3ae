import {
  MAX_CREDENTIAL_LIFE_MS,
  MAX_INVOICE_EXPIRY_MS,
  MAX_LEASE_MS,
  MIN_CREDENTIAL_LIFE_MS,
  MIN_INVOICE_EXPIRY_MS,
  MIN_LEASE_MS,
} from '@satway/gate';
import { z } from 'zod';
import * as fields from './field-types.js';
import { WALLET_FILE_KEYS, WALLET_KEYS, WALLET_SUCCESSORS, walletSchema } from './wallet-schema.js';

const { text, milliseconds, positiveBytes } = fields;

const listenSchema = z.strictObject({ host: text.optional(), port: fields.port.optional() });

const storeSchemas = {
  memory: z.strictObject({ kind: z.literal('memory') }),
  pglite: z.strictObject({
    kind: z.literal('pglite'),
    folder: text.optional(),
    acceptPowerLoss: fields.flagTrue.optional(),
  }),
  postgres: z.strictObject({
    kind: z.literal('postgres'),
    url: text.optional(),
    urlFile: text.optional(),
    urlEnv: text.optional(),
  }),
} as const;

/** The watch itself takes no shorter time. */
const LEAST_WATCH_MS = 1_000;

const watchSchema = z.strictObject({
  inboundBelowSats: fields.wholeNumber(1, 2_100_000_000_000).optional(),
  everyMs: fields.wholeNumber(LEAST_WATCH_MS, 86_400_000).optional(),
});

const endpointSchema = z.strictObject({
  id: fields.slug,
  method: fields.methodName,
  path: text,
  priceSats: fields.priceSats.optional(),
  priceMsat: fields.priceMsat.optional(),
  uses: fields.uses.optional(),
  free: fields.flagTrue.optional(),
  credentialLifeMs: fields.wholeNumber(MIN_CREDENTIAL_LIFE_MS, MAX_CREDENTIAL_LIFE_MS).optional(),
  leaseMs: fields.wholeNumber(MIN_LEASE_MS, MAX_LEASE_MS).optional(),
  quotesValidAfter: fields.pastMoment.optional(),
});

const rate = z.union(
  [
    z.literal('off'),
    z.strictObject({
      burst: fields.wholeNumber(1),
      perSecond: fields.field<number>((value) =>
        typeof value === 'number' && Number.isFinite(value) && value > 0 ? null : 'must be a number above 0',
      ),
    }),
  ],
  { error: 'must be off, or {burst: …, perSecond: …} with numbers above 0' },
);

const ratesSchema = z.strictObject({
  requestsPerAddress: rate.optional(),
  requestsPerAddressAndEndpoint: rate.optional(),
  invoicesPerAddress: rate.optional(),
  invoicesPerWallet: rate.optional(),
  invoicesInFlight: fields.wholeNumber(1).optional(),
});

/** The file as it may be written; unknown keys are refused at every level. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  tenant: z.strictObject({ id: fields.tenantId, slug: fields.slug }),
  origin: fields.originUrl,
  listen: listenSchema.optional(),
  publicUrl: fields.originUrl.optional(),
  admin: listenSchema.optional(),
  trustedProxies: z.array(fields.networkOrAddress).optional(),
  keys: text,
  store: z.discriminatedUnion('kind', [storeSchemas.memory, storeSchemas.pglite, storeSchemas.postgres], {
    error: 'must be {kind: pglite}, {kind: postgres} or {kind: memory}, with the keys of that kind',
  }),
  wallet: walletSchema.optional(),
  wallets: z.array(walletSchema).min(1, { error: 'must list at least one wallet' }).optional(),
  confirmSettlement: fields.flag.optional(),
  invoiceExpiryMs: fields.wholeNumber(MIN_INVOICE_EXPIRY_MS, MAX_INVOICE_EXPIRY_MS).optional(),
  watch: watchSchema.optional(),
  endpoints: z.array(endpointSchema).min(1, { error: 'must list at least one endpoint' }),
  limits: z
    .strictObject({
      requestBodyBytes: positiveBytes.optional(),
      heldBodyBytes: positiveBytes.optional(),
      responseBodyBytes: positiveBytes.optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.optional(),
      headersMs: milliseconds.optional(),
      idleMs: milliseconds.optional(),
      totalMs: milliseconds.optional(),
      shutdownMs: milliseconds.optional(),
    })
    .optional(),
  idempotency: z
    .strictObject({ keepForMs: milliseconds.optional(), maxBodyBytes: fields.wholeNumber(0, 1_048_576).optional() })
    .optional(),
  rates: ratesSchema.optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional() }).optional(),
});

/** The file as it was written, checked. */
export type ConfigFile = z.infer<typeof configSchema>;
export type EndpointEntry = ConfigFile['endpoints'][number];

/** The keys of each object, by its path with list positions as `*`: what an unknown key may have meant. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(configSchema.shape),
  tenant: ['id', 'slug'],
  listen: Object.keys(listenSchema.shape),
  admin: Object.keys(listenSchema.shape),
  store: [...new Set(Object.values(storeSchemas).flatMap((schema) => Object.keys(schema.shape)))],
  wallet: WALLET_KEYS,
  'wallets.*': WALLET_KEYS,
  'wallet file': WALLET_FILE_KEYS,
  'endpoints.*': Object.keys(endpointSchema.shape),
  watch: Object.keys(watchSchema.shape),
  limits: ['requestBodyBytes', 'heldBodyBytes', 'responseBodyBytes'],
  timeouts: ['connectMs', 'headersMs', 'idleMs', 'totalMs', 'shutdownMs'],
  idempotency: ['keepForMs', 'maxBodyBytes'],
  rates: Object.keys(ratesSchema.shape),
  log: ['level'],
};

/** Names that were never ours, or are no longer, and what stands for them now. */
export const SUCCESSORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    upstream: 'origin',
    services: 'endpoints',
    routes: 'endpoints',
    port: 'listen: {port: …}',
    host: 'listen: {host: …}',
    keysFile: 'keys',
    database: 'store',
    lnd: 'wallet: {kind: lnd, …}',
    lnbits: 'wallet: {kind: lnbits, …}',
    phoenixd: 'wallet: {kind: phoenixd, …}',
    nwc: 'wallet: {kind: nwc, …}',
    invoiceExpiry: 'invoiceExpiryMs',
    invoiceExpirySeconds: 'invoiceExpiryMs',
  },
  watch: {
    balanceBelowSats: 'inboundBelowSats: a credential that only receives does not see the balance',
    inboundBelowMsat: 'inboundBelowSats',
    intervalMs: 'everyMs',
  },
  store: { path: 'folder', dataFolder: 'folder', databaseUrl: 'url', acceptsPowerLoss: 'acceptPowerLoss' },
  wallet: WALLET_SUCCESSORS,
  'wallets.*': WALLET_SUCCESSORS,
  'wallet file': WALLET_SUCCESSORS,
  'endpoints.*': {
    price: 'priceSats or priceMsat',
    sats: 'priceSats',
    msats: 'priceMsat',
    priceMsats: 'priceMsat',
    route: 'path',
    name: 'id',
    slug: 'id',
    quotesValidAfterMs: 'quotesValidAfter',
  },
};
