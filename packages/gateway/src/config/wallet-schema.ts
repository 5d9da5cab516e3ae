import { z } from 'zod';
import * as fields from './field-types.js';

const { text } = fields;

/** What every kind may say. */
const shared = {
  network: z.enum(['bitcoin', 'testnet', 'signet', 'regtest']).optional(),
  allowPowers: z.array(z.enum(['pay', 'administer'])).optional(),
};

const lnd = {
  kind: z.literal('lnd'),
  url: fields.baseUrl,
  macaroon: text.optional(),
  macaroonFile: text.optional(),
  macaroonEnv: text.optional(),
  tlsCertFile: text.optional(),
  tlsFingerprint: fields.fingerprint.optional(),
  privateChannels: fields.flagTrue.optional(),
  ...shared,
};

const lnbits = {
  kind: z.literal('lnbits'),
  url: fields.baseUrl,
  key: text.optional(),
  keyFile: text.optional(),
  keyEnv: text.optional(),
  ...shared,
};

const phoenixd = {
  kind: z.literal('phoenixd'),
  url: fields.baseUrl,
  password: text.optional(),
  passwordFile: text.optional(),
  passwordEnv: text.optional(),
  ...shared,
};

const nwc = {
  kind: z.literal('nwc'),
  uri: text.optional(),
  uriFile: text.optional(),
  uriEnv: text.optional(),
  ...shared,
};

/** For paying only. */
const maxParts = fields.wholeNumber(1, 64).optional();

const error = 'must be {kind: lnd, …}, {kind: lnbits, …}, {kind: phoenixd, …} or {kind: nwc, …}';

/** A wallet that is paid, as it stands under `wallet:`. */
export const walletSchema = z.discriminatedUnion(
  'kind',
  [z.strictObject(lnd), z.strictObject(lnbits), z.strictObject(phoenixd), z.strictObject(nwc)],
  { error },
);

/** A wallet in a file of its own, for either role. */
export const walletFileSchema = z.discriminatedUnion(
  'kind',
  [z.strictObject({ ...lnd, maxParts }), z.strictObject(lnbits), z.strictObject(phoenixd), z.strictObject(nwc)],
  { error },
);

export type WalletEntry = z.infer<typeof walletFileSchema>;

const keysOf = (...shapes: readonly object[]): string[] => [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];

/** Under `wallet:`, of whatever kind. */
export const WALLET_KEYS: readonly string[] = keysOf(lnd, lnbits, phoenixd, nwc);
export const WALLET_FILE_KEYS: readonly string[] = [...WALLET_KEYS, 'maxParts'];

/** Names that were never ours, and what stands for them. */
export const WALLET_SUCCESSORS: Readonly<Record<string, string>> = {
  type: 'kind',
  host: 'url',
  macaroonPath: 'macaroonFile',
  macaroonHex: 'macaroonFile or macaroonEnv',
  tlsCert: 'tlsCertFile',
  tlsCertPath: 'tlsCertFile',
  tlsFingerprint256: 'tlsFingerprint',
  fingerprint: 'tlsFingerprint',
  private: 'privateChannels',
  apiKey: 'keyFile or keyEnv',
  adminKey: 'keyFile or keyEnv',
  invoiceKey: 'keyFile or keyEnv',
  connectionString: 'uriFile or uriEnv',
  nwcUri: 'uriFile or uriEnv',
  allow: 'allowPowers',
  allowPower: 'allowPowers',
};
