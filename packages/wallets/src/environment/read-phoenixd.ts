import type { PhoenixdSettings } from '../open-wallet/index.js';
import type { EnvironmentReader } from './environment-reader.js';
import { readWalletUrl } from './wallet-url.js';

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readPhoenixd(reader: EnvironmentReader): PhoenixdSettings {
  reader.require('PHOENIXD_URL', 'PHOENIXD_PASSWORD');
  const url = readWalletUrl(reader, 'PHOENIXD_URL');
  return { kind: 'phoenixd', url, password: reader.text('PHOENIXD_PASSWORD') };
}
