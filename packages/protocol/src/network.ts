/** The chains that BOLT11 has a prefix for. */
export type BitcoinNetwork = 'bitcoin' | 'testnet' | 'signet' | 'regtest';
