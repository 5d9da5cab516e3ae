import { fingerprintIn } from '@satway/wallets/environment';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import type { WalletSources } from './named-sources.js';
import type { WalletEntry } from './wallet-schema.js';

/** How the adapter takes it: secrets read, addresses in one form. */
export function completeWallet(entry: WalletEntry, { secret, tlsCertificatePem }: WalletSources): WalletSettings {
  const network = entry.network === undefined ? {} : { network: entry.network };
  if (entry.kind === 'nwc') return { kind: 'nwc', uri: secret, ...network };
  const url = entry.url.replace(/\/+$/, '');
  if (entry.kind === 'lnbits') return { kind: 'lnbits', url, key: secret, ...network };
  if (entry.kind === 'phoenixd') return { kind: 'phoenixd', url, password: secret, ...network };
  return {
    kind: 'lnd',
    url,
    macaroonHex: secret,
    ...(tlsCertificatePem === null ? {} : { tlsCertPem: tlsCertificatePem }),
    ...(entry.tlsFingerprint === undefined
      ? {}
      : { tlsFingerprint256: fingerprintIn(entry.tlsFingerprint) ?? entry.tlsFingerprint }),
    ...(entry.privateChannels === true ? { privateChannels: true } : {}),
    ...('maxParts' in entry && entry.maxParts !== undefined ? { maxParts: entry.maxParts } : {}),
    ...network,
  };
}
