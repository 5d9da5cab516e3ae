import { SatwayError } from '@satway/base';
import { type Json, textOf } from '../rest/index.js';
import type { BitcoinNetwork } from '../wallet.js';

/** Names that wallets give to the networks; NIP-47 has `mainnet`, `testnet`, `signet` and `regtest`. */
const NETWORKS: Readonly<Record<string, BitcoinNetwork>> = {
  mainnet: 'bitcoin',
  bitcoin: 'bitcoin',
  testnet: 'testnet',
  signet: 'signet',
  regtest: 'regtest',
};

/** The network of a `get_info`; `null` where it names none that is known. */
export function networkOf(info: Json): BitcoinNetwork | null {
  const name = textOf(info, 'network') ?? '';
  return Object.hasOwn(NETWORKS, name) ? (NETWORKS[name] ?? null) : null;
}

/**
 * What the wallet says and what is configured must agree where both are known.
 *
 * @throws {SatwayError} `WALLET_NETWORK_MISMATCH`.
 */
export function agreeOnNetwork(told: BitcoinNetwork | null, configured: BitcoinNetwork | null): BitcoinNetwork | null {
  if (told !== null && configured !== null && told !== configured) {
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `The wallet is on ${told}.` });
  }
  return configured ?? told;
}
