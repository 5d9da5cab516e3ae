import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { asObject, integerOf, type Json, textOf } from '../rest/index.js';
import type { PhoenixdApi } from './phoenixd-api.js';

/** What `getinfo` tells; both passwords may ask. */
export interface PhoenixdNodeInfo {
  /** 33-byte public key, hex. */
  readonly nodeId: string;
  readonly network: BitcoinNetwork;
  /** What fits into the channels that are up now. */
  readonly inboundLiquidityMsat: number;
}

/** `chain` is the name of lightning-kmp's chain in lower case; both test networks have the same invoices. */
const NETWORKS: ReadonlyMap<string, BitcoinNetwork> = new Map([
  ['mainnet', 'bitcoin'],
  ['testnet', 'testnet'],
  ['testnet3', 'testnet'],
  ['testnet4', 'testnet'],
  ['signet', 'signet'],
  ['regtest', 'regtest'],
]);

/** @throws {SatwayError} the codes of `InvoiceIssuer`. */
export async function askNodeInfo(api: PhoenixdApi): Promise<PhoenixdNodeInfo> {
  const info = await api.call({ method: 'GET', path: '/getinfo' });
  const nodeId = textOf(info, 'nodeId') ?? '';
  const network = NETWORKS.get(textOf(info, 'chain') ?? '');
  const channels = info['channels'];
  if (!/^0[23][0-9a-f]{64}$/.test(nodeId)) throw invalid('no public key');
  if (network === undefined) throw invalid('no network that is known');
  if (!Array.isArray(channels)) throw invalid('no list of channels');
  return { nodeId, network, inboundLiquidityMsat: 1000 * channels.reduce<number>(addInboundSat, 0) };
}

function addInboundSat(sum: number, channel: unknown): number {
  const json: Json = asObject(channel) ?? {};
  if (textOf(json, 'state') !== 'Normal') return sum;
  const inboundSat = integerOf(json, 'inboundLiquiditySat') ?? 0;
  const total = sum + inboundSat;
  if (inboundSat >= 0 && Number.isSafeInteger(total * 1000)) return total;
  throw invalid('an inbound liquidity that is no amount');
}

function invalid(what: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `getinfo names ${what}.` });
}
