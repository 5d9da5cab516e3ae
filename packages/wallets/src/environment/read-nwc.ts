import type { NwcSettings } from '../open-wallet/index.js';
import type { EnvironmentReader } from './environment-reader.js';
import { notConfigured } from './not-configured.js';

/** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readNwc(reader: EnvironmentReader): NwcSettings {
  const uri = reader.text('NWC_URI').trim();
  if (/^nostr\+?walletconnect:/i.test(uri)) return { kind: 'nwc', uri };
  throw notConfigured('NWC_URI must be a connection string that begins with nostr+walletconnect://.');
}
