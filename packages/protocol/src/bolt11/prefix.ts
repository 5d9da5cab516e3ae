import type { BitcoinNetwork } from '../network.js';
import type { InvoicePrefix } from './invoice.js';

export const PREFIX_BY_NETWORK: Readonly<Record<BitcoinNetwork, InvoicePrefix>> = {
  bitcoin: 'lnbc',
  testnet: 'lntb',
  signet: 'lntbs',
  regtest: 'lnbcrt',
};

const NETWORKS = Object.entries(PREFIX_BY_NETWORK) as readonly (readonly [BitcoinNetwork, InvoicePrefix])[];

interface HumanPart {
  readonly network: BitcoinNetwork;
  readonly prefix: InvoicePrefix;
  readonly amountText: string;
}

/** Splits `lnbcrt20m` into prefix and amount; `null` where the letters name no network. */
export function splitHumanPart(humanPart: string): HumanPart | null {
  const [, letters, amountText] = /^([a-z]+)(.*)$/.exec(humanPart) ?? [];
  for (const [network, prefix] of NETWORKS) {
    if (letters === prefix && amountText !== undefined) return { network, prefix, amountText };
  }
  return null;
}
