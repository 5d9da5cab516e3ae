import type { PaymentRecord } from '../../ledger/index.js';
import { base64OfHex, wholeSats } from './amounts.js';
import { CHANNEL_CAPACITY_SAT, CHANNEL_ID, EXPIRY_HEIGHT } from './channel.js';

/** What the one channel of a node is made of. */
export interface ChannelFacts {
  readonly peerHex: string;
  readonly balanceMsat: number;
  readonly remoteMsat: number;
  /** Payments of this node whose money is under way. */
  readonly inFlight: readonly PaymentRecord[];
}

const CONSTRAINTS = {
  csv_delay: 1201,
  chan_reserve_sat: '100000',
  dust_limit_sat: '354',
  max_pending_amt_msat: '9900000000',
  min_htlc_msat: '1',
  max_accepted_htlcs: 483,
};

/** `lnrpc.Channel`, every field in LND's order: the one through which the sandbox lets a node pay. */
export function channelMessage({ peerHex, balanceMsat, remoteMsat, inFlight }: ChannelFacts): Record<string, unknown> {
  const unsettledMsat = inFlight.reduce((sum, { amountMsat, feeMsat }) => sum + amountMsat + feeMsat, 0);
  return {
    active: true,
    remote_pubkey: peerHex,
    channel_point: `${'5f'.repeat(32)}:0`,
    chan_id: CHANNEL_ID,
    capacity: CHANNEL_CAPACITY_SAT,
    local_balance: wholeSats(balanceMsat),
    remote_balance: wholeSats(remoteMsat),
    commit_fee: '2810',
    commit_weight: '1116',
    fee_per_kw: '2500',
    unsettled_balance: wholeSats(unsettledMsat),
    total_satoshis_sent: '0',
    total_satoshis_received: '0',
    num_updates: '0',
    pending_htlcs: inFlight.map(htlcMessage),
    csv_delay: 1201,
    private: false,
    initiator: true,
    chan_status_flags: 'ChanStatusDefault',
    local_chan_reserve_sat: '100000',
    remote_chan_reserve_sat: '100000',
    static_remote_key: false,
    commitment_type: 'ANCHORS',
    lifetime: '0',
    uptime: '0',
    close_address: '',
    push_amount_sat: '0',
    thaw_height: 0,
    local_constraints: CONSTRAINTS,
    remote_constraints: CONSTRAINTS,
    alias_scids: [],
    zero_conf: false,
    zero_conf_confirmed_scid: '0',
    peer_alias: '',
    peer_scid_alias: '0',
    memo: '',
    custom_channel_data: '',
  };
}

function htlcMessage({ paymentHashHex, paymentIndex, amountMsat, feeMsat }: PaymentRecord): Record<string, unknown> {
  return {
    incoming: false,
    amount: wholeSats(amountMsat + feeMsat),
    hash_lock: base64OfHex(paymentHashHex),
    expiration_height: EXPIRY_HEIGHT,
    htlc_index: String(paymentIndex),
    forwarding_channel: '0',
    forwarding_htlc_index: '0',
    locked_in: true,
  };
}
