import type { LnbitsSettings } from '../open-wallet/index.js';
import type { WalletRole } from '../wallet.js';
import type { EnvironmentReader } from './environment-reader.js';
import { notConfigured } from './not-configured.js';
import { readWalletUrl } from './wallet-url.js';

/**
 * Only the admin key pays. For everything else the invoice key is enough, and better: whoever sells should not hold a key that pays.
 *
 * @param role - where none is named, the key that allows most.
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`.
 */
export function readLnbits(reader: EnvironmentReader, role: WalletRole | null): LnbitsSettings {
  reader.require('LNBITS_URL');
  const url = readWalletUrl(reader, 'LNBITS_URL');
  return { kind: 'lnbits', url, key: reader.text(keyVariable(reader, role)).trim() };
}

function keyVariable(reader: EnvironmentReader, role: WalletRole | null): 'LNBITS_ADMIN_KEY' | 'LNBITS_INVOICE_KEY' {
  if (role === 'pay') return 'LNBITS_ADMIN_KEY';
  const invoiceFirst = ['LNBITS_INVOICE_KEY', 'LNBITS_ADMIN_KEY'] as const;
  const wanted = role === null ? invoiceFirst.toReversed() : invoiceFirst;
  const found = wanted.find((variable) => reader.has(variable));
  if (found !== undefined) return found;
  throw notConfigured('Not set: LNBITS_INVOICE_KEY (or LNBITS_ADMIN_KEY, which can also pay), or its _FILE variant.');
}
