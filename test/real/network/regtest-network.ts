import { type Btcd, startBtcd } from './btcd.js';
import { type LndNode, prepareLnd } from './lnd.js';
import { addInvoice, payInvoice } from './payments.js';
import { findPrograms } from './programs.js';
import { waitUntil } from './wait-until.js';
import { openWorkplace, type Workplace } from './workplace.js';

/** Segwit is not active on btcd's regtest before block 432. */
const BLOCKS_BEFORE_SEGWIT = 450;
const CHANNEL_SAT = 10_000_000;
/** What the seller has from the start, so that money can flow both ways. */
const PUSHED_SAT = 2_000_000;
/** What `canPay` moves from buyer to seller. */
export const PROBE_MSAT = 1_000;

/** A chain, a buyer and a seller with one open channel, which the buyer opened. */
export interface RegtestNetwork {
  readonly nodes: { readonly seller: LndNode; readonly buyer: LndNode };
  readonly btcd: Btcd;
  /** Empty folder for what a test writes; removed by `stop`. */
  readonly folder: string;
  /** Mines, and returns when all running nodes have seen the blocks. */
  mine(blocks: number): Promise<void>;
  /** Starts one more node on the same chain, without a channel; ended by `stop`. */
  addNode(name: string): Promise<LndNode>;
  /** Opens a channel of ten million satoshis, all on the side of `from`, and returns when it is six blocks deep. */
  openChannel(from: LndNode, to: LndNode): Promise<void>;
  /** Waits until the two are connected and one payment of `PROBE_MSAT` from buyer to seller has passed, e.g. after a restart. */
  canPay(): Promise<void>;
  /**
   * What each of the two owns, once no payment is under way and both say the same: a node reports success some milliseconds
   * before its balance moves.
   */
  settledBalancesMsat(): Promise<{ readonly sellerMsat: number; readonly buyerMsat: number }>;
  /** Ends everything and waits for it. */
  stop(): Promise<void>;
  /** The end of each log. */
  logTails(): string;
}

/**
 * Takes about a quarter of a minute. Nothing outlives the test process, not even when it is killed. When it fails, the error
 * carries the ends of the logs.
 */
export async function startRegtestNetwork(): Promise<RegtestNetwork> {
  const programs = findPrograms();
  const workplace = openWorkplace();
  const started: { name: string; logTail(): string; stop(signal: NodeJS.Signals): Promise<void> }[] = [];
  try {
    const btcd = await startBtcd(programs, workplace);
    started.push({ name: 'btcd', logTail: () => btcd.process.logTail(), stop: (signal) => btcd.process.stop(signal) });
    await btcd.mine(BLOCKS_BEFORE_SEGWIT);
    const seller = await prepareLnd('seller', programs, btcd.access, workplace);
    const buyer = await prepareLnd('buyer', programs, btcd.access, workplace);
    started.push(seller, buyer);
    await Promise.all([seller.start(), buyer.start()]);
    const network = describeNetwork(btcd, { seller, buyer }, workplace);
    await openChannel(network, buyer, seller, PUSHED_SAT);
    await network.canPay();
    return network;
  } catch (error) {
    const tails = started.map((each) => `--- ${each.name}\n${each.logTail()}`).join('\n');
    await Promise.all(started.map((each) => each.stop('SIGKILL')));
    await workplace.close();
    throw new Error(`The regtest network did not come up.\n${tails}`, { cause: error });
  }
}

function describeNetwork(
  btcd: Btcd,
  nodes: { readonly seller: LndNode; readonly buyer: LndNode },
  workplace: Workplace,
): RegtestNetwork {
  const { seller, buyer } = nodes;
  const all = [seller, buyer];
  const network: RegtestNetwork = {
    nodes,
    btcd,
    folder: workplace.folder,
    mine: (blocks) => mineAndFollow(btcd, all, blocks),
    addNode: async (name) => {
      const node = await prepareLnd(name, findPrograms(), btcd.access, workplace);
      all.push(node);
      await node.start();
      return node;
    },
    openChannel: (from, to) => openChannel(network, from, to, 0),
    canPay: async () => {
      await connect(buyer, seller);
      await waitUntil('a payment passes', () => tryPayment(buyer, seller));
    },
    settledBalancesMsat: () => waitUntil('the balances of both agree', () => agreedBalances(seller, buyer)),
    stop: async () => {
      // Nothing of it is used again, so nobody waits for a tidy end.
      await Promise.all([...all.map((node) => node.stop('SIGKILL')), btcd.process.stop('SIGKILL')]);
      await workplace.close();
    },
    logTails: () =>
      [`--- btcd\n${btcd.process.logTail()}`, ...all.map((node) => `--- ${node.name}\n${node.logTail()}`)].join('\n'),
  };
  return network;
}

async function mineAndFollow(btcd: Btcd, nodes: readonly LndNode[], blocks: number): Promise<void> {
  const height = await btcd.mine(blocks);
  for (const node of nodes.filter(({ process }) => process.isRunning)) {
    await waitUntil(`${node.name} sees block ${height}`, async () => {
      const info = await node.call<{ block_height: number; synced_to_chain: boolean }>('GET', '/v1/getinfo');
      return info.synced_to_chain && info.block_height >= height;
    });
  }
}

async function openChannel(network: RegtestNetwork, from: LndNode, to: LndNode, pushedSat: number): Promise<void> {
  // A nested one (P2SH): btcd's createrawtransaction takes no bech32 address.
  const { address } = await from.call<{ address: string }>('GET', '/v1/newaddress?type=NESTED_PUBKEY_HASH');
  await network.btcd.fund(address);
  await network.mine(1);
  await waitUntil(`${from.name} has coins`, async () => {
    const { confirmed_balance } = await from.call<{ confirmed_balance: string }>('GET', '/v1/balance/blockchain');
    return Number(confirmed_balance) > CHANNEL_SAT;
  });
  await connect(from, to);
  await waitUntil('the channel is announced to the chain', () => proposeChannel(from, to, pushedSat));
  await network.mine(6);
}

async function proposeChannel(from: LndNode, to: LndNode, pushedSat: number): Promise<boolean> {
  await from.call('POST', '/v1/channels', {
    node_pubkey: Buffer.from(to.pubkey, 'hex').toString('base64'),
    local_funding_amount: String(CHANNEL_SAT),
    push_sat: String(pushedSat),
    sat_per_vbyte: '2',
  });
  return true;
}

async function connect(from: LndNode, to: LndNode): Promise<void> {
  await waitUntil(`${from.name} is connected`, async () => {
    const { peers } = await from.call<{ peers: readonly { pub_key: string }[] }>('GET', '/v1/peers');
    if (peers.some(({ pub_key }) => pub_key === to.pubkey)) return true;
    await from.ask('POST', '/v1/peers', { addr: { pubkey: to.pubkey, host: to.peerAddress }, timeout: '5' });
    return false;
  });
}

/** In the first instant a payment can fail for want of a route although the channel is active. */
async function tryPayment(buyer: LndNode, seller: LndNode): Promise<boolean> {
  const { invoice } = await addInvoice(seller, PROBE_MSAT);
  const { status } = await payInvoice(buyer, invoice);
  return status === 'SUCCEEDED';
}

async function agreedBalances(
  seller: LndNode,
  buyer: LndNode,
): Promise<{ sellerMsat: number; buyerMsat: number } | undefined> {
  const sold = await seller.balancesMsat();
  const bought = await buyer.balancesMsat();
  const agree = sold.localMsat === bought.remoteMsat && sold.remoteMsat === bought.localMsat;
  if (!agree || sold.pendingMsat + bought.pendingMsat > 0) return undefined;
  return { sellerMsat: sold.localMsat, buyerMsat: bought.localMsat };
}
