import type { DecodedInvoice } from '@satway/protocol';
import { base64OfHex, msat, wholeSats } from './amounts.js';
import { BLOCK_HASH, BLOCK_HEIGHT } from './channel.js';
import { featuresMessage } from './features.js';

const NODE_FEATURES = [0, 5, 7, 8, 12, 14, 17, 23, 25, 27, 30, 31, 35, 45, 261, 2023];

/** `lnrpc.GetInfoResponse`. The version says that it is no LND. */
export function infoMessage(node: { name: string; pubkeyHex: string; nowMs: number }): Record<string, unknown> {
  return {
    version: '0.20.0-beta satway-sandbox',
    commit_hash: '',
    identity_pubkey: node.pubkeyHex,
    alias: node.name,
    color: '#3399ff',
    num_pending_channels: 0,
    num_active_channels: 1,
    num_inactive_channels: 0,
    num_peers: 1,
    block_height: BLOCK_HEIGHT,
    block_hash: BLOCK_HASH,
    best_header_timestamp: String(Math.floor(node.nowMs / 1000)),
    synced_to_chain: true,
    synced_to_graph: true,
    testnet: false,
    chains: [{ chain: 'bitcoin', network: 'regtest' }],
    uris: [],
    features: featuresMessage(NODE_FEATURES),
    require_htlc_interceptor: false,
    store_final_htlc_resolutions: false,
  };
}

/** What a node that has no custom channels writes for them. */
const NO_CUSTOM_CHANNELS = 'AQAA';

/** `lnrpc.ChannelBalanceResponse`; what is in flight is nobody's. */
export function balanceMessage(balanceMsat: number, remoteMsat: number, inFlightMsat: number): Record<string, unknown> {
  const amount = (amountMsat: number) => ({ sat: wholeSats(amountMsat), msat: msat(amountMsat) });
  return {
    balance: wholeSats(balanceMsat),
    pending_open_balance: '0',
    local_balance: amount(balanceMsat),
    remote_balance: amount(remoteMsat),
    unsettled_local_balance: amount(0),
    unsettled_remote_balance: amount(inFlightMsat),
    pending_open_local_balance: amount(0),
    pending_open_remote_balance: amount(0),
    custom_channel_data: NO_CUSTOM_CHANNELS,
  };
}

/** `lnrpc.PayReq`. */
export function payReqMessage(invoice: DecodedInvoice): Record<string, unknown> {
  const amountMsat = Number(invoice.amountMsat ?? 0n);
  return {
    destination: invoice.payeeHex,
    payment_hash: invoice.paymentHashHex,
    num_satoshis: wholeSats(amountMsat),
    timestamp: String(invoice.timestampSeconds),
    expiry: String(invoice.expirySeconds),
    description: invoice.description ?? '',
    description_hash: invoice.descriptionHashHex ?? '',
    fallback_addr: '',
    cltv_expiry: String(invoice.minFinalCltvExpiryDelta),
    route_hints: [],
    payment_addr: base64OfHex(invoice.paymentSecretHex),
    num_msat: msat(amountMsat),
    features: featuresMessage(invoice.features),
    blinded_paths: [],
  };
}
