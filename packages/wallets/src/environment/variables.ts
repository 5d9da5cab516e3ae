import type { WalletSettings } from '../open-wallet/index.js';

/** The variables by which the environment names a wallet of each kind; each has a `_FILE` variant. */
export const WALLET_VARIABLES = {
  lnd: ['LND_REST_HOST', 'LND_MACAROON', 'LND_TLS_CERT'],
  lnbits: ['LNBITS_URL', 'LNBITS_ADMIN_KEY', 'LNBITS_INVOICE_KEY'],
  phoenixd: ['PHOENIXD_URL', 'PHOENIXD_PASSWORD'],
  nwc: ['NWC_URI'],
} as const satisfies Record<WalletSettings['kind'], readonly string[]>;

export type WalletVariable = (typeof WALLET_VARIABLES)[keyof typeof WALLET_VARIABLES][number];

/** Those whose values are secrets; their `_FILE` variants only say where a secret lies. */
export const SECRET_VARIABLES: readonly WalletVariable[] = [
  'LND_MACAROON',
  'LNBITS_ADMIN_KEY',
  'LNBITS_INVOICE_KEY',
  'PHOENIXD_PASSWORD',
  'NWC_URI',
];
