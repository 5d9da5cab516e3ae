import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { asObject, type Json, textOf } from '../rest/index.js';

const NETWORKS: ReadonlyMap<string, BitcoinNetwork> = new Map([
  ['mainnet', 'bitcoin'],
  ['testnet', 'testnet'],
  ['signet', 'signet'],
  ['regtest', 'regtest'],
]);

/** The network that `getinfo` names; `null` for one that BOLT11 does not know. */
export function networkOf(info: Json): BitcoinNetwork | null {
  const chains = info['chains'];
  const chain = asObject(Array.isArray(chains) ? chains[0] : null);
  return NETWORKS.get(textOf(chain ?? {}, 'network') ?? '') ?? null;
}

/** Who a node is, from `getinfo`. @throws {SatwayError} `WALLET_ANSWER_INVALID`. */
export function identityOf(info: Json): { identity: string; network: BitcoinNetwork } {
  const identity = textOf(info, 'identity_pubkey') ?? '';
  const network = networkOf(info);
  if (/^0[23][0-9a-f]{64}$/.test(identity) && network !== null) return { identity, network };
  throw new SatwayError('WALLET_ANSWER_INVALID', {
    detail: 'getinfo names no public key, or no network that is known.',
  });
}
