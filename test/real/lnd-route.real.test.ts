import type { PayingWallet } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  type RegtestNetwork,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';
import { payerOf } from './roles.js';

const BASE_FEE_MSAT = 1_234;
const FEE_RATE_PPM = 2_500;
const AMOUNT_MSAT = 100_001;
/** What the node in the middle asks for that amount: cut off to the millisatoshi, as LND does. */
const FEE_MSAT = BASE_FEE_MSAT + 250;

let network: RegtestNetwork;
let buyer: LndNode;
/** The seller of the other suites stands between the buyer and this node. */
let middle: LndNode;
let far: LndNode;

beforeAll(async () => {
  network = await startRegtestNetwork();
  buyer = network.nodes.buyer;
  middle = network.nodes.seller;
  far = await network.addNode('far');
  await network.openChannel(middle, far);
  await waitUntil('both ends have named their first price', async () => {
    const edges = await Promise.all([buyer, middle, far].map(edgeSeenBy));
    return edges.every((edge) => edge.split('"fee_base_msat":"1000"').length === 3);
  });
  await middle.call('POST', '/v1/chanpolicy', {
    global: true,
    base_fee_msat: String(BASE_FEE_MSAT),
    fee_rate_ppm: FEE_RATE_PPM,
    time_lock_delta: 40,
  });
  await waitUntil('the buyer knows the way and its price', async () =>
    (await edgeSeenBy(buyer)).includes(`"fee_base_msat":"${BASE_FEE_MSAT}"`),
  );
});

/** The channel from the middle to the far node, as a node knows it. */
async function edgeSeenBy(node: LndNode): Promise<string> {
  const { channels } = await middle.call<{ channels: { chan_id: string; remote_pubkey: string }[] }>(
    'GET',
    '/v1/channels',
  );
  const channel = channels.find(({ remote_pubkey }) => remote_pubkey === far.pubkey);
  return (await node.ask('GET', `/v1/graph/edge/${channel?.chan_id ?? '0'}`)).body;
}

afterAll(() => network?.stop());

interface Books {
  readonly buyerMsat: number;
  readonly middleMsat: number;
  readonly farMsat: number;
}

/** What each of the three owns, once nothing is under way and all add up. */
const books = (): Promise<Books> =>
  waitUntil('the books of the three agree', async () => {
    const [first, second, third] = await Promise.all([buyer, middle, far].map((node) => node.balancesMsat()));
    if (first === undefined || second === undefined || third === undefined) return undefined;
    const pending = first.pendingMsat + second.pendingMsat + third.pendingMsat;
    const agree = second.localMsat === first.remoteMsat + third.remoteMsat;
    const agreeBack = second.remoteMsat === first.localMsat + third.localMsat;
    if (pending > 0 || !agree || !agreeBack) return undefined;
    return { buyerMsat: first.localMsat, middleMsat: second.localMsat, farMsat: third.localMsat };
  });

const olderPayer = async (): Promise<PayingWallet> =>
  connectLndPayer({
    url: buyer.restUrl,
    tlsCertFile: buyer.tlsCertPath,
    macaroonHex: await buyer.bakeMacaroon(['/lnrpc.Lightning/SendPaymentSync', '/lnrpc.Lightning/GetInfo']),
  });

describe('a payment through a node in the middle that earns a fee', () => {
  describe.each([
    ['the newer call', () => payerOf(buyer)],
    ['the older call', olderPayer],
  ] as const)('by %s', (_name, connect) => {
    const pay = async (feeLimitMsat: number) => {
      const payer = await connect();
      const bill = await addInvoice(far, AMOUNT_MSAT);
      return payer.pay({ ...bill, amountMsat: AMOUNT_MSAT, feeLimitMsat, timeoutMs: 30_000 });
    };

    it.each([0, 1, FEE_MSAT - 1])('fails when the fee is above a limit of %i, and moves nothing', async (limit) => {
      const before = await books();
      expect(await pay(limit)).toMatchObject({ state: 'failed', reason: 'no_route' });
      expect(await books()).toEqual(before);
    });

    it('costs the amount and the fee, to the millisatoshi, in the books of all three', async () => {
      const before = await books();
      expect(await pay(FEE_MSAT)).toMatchObject({ state: 'settled', amountMsat: AMOUNT_MSAT, feeMsat: FEE_MSAT });
      expect(await books()).toEqual({
        buyerMsat: before.buyerMsat - AMOUNT_MSAT - FEE_MSAT,
        middleMsat: before.middleMsat + FEE_MSAT,
        farMsat: before.farMsat + AMOUNT_MSAT,
      });
    });
  });

  it('tells the same amount and fee when it is looked up', async () => {
    const payer = await payerOf(buyer);
    const bill = await addInvoice(far, AMOUNT_MSAT);
    const outcome = await payer.pay({ ...bill, amountMsat: AMOUNT_MSAT, feeLimitMsat: 10_000, timeoutMs: 30_000 });
    expect(outcome).toMatchObject({ state: 'settled', feeMsat: FEE_MSAT });
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
  });

  it('is unknown while the node in the middle is frozen, and ends once it goes on', async () => {
    const payer = await payerOf(buyer);
    const before = await books();
    const bill = await addInvoice(far, AMOUNT_MSAT);
    middle.process.signal('SIGSTOP');
    const outcome = await payer.pay({ ...bill, amountMsat: AMOUNT_MSAT, feeLimitMsat: 10_000, timeoutMs: 2_000 });
    expect(outcome.state).toBe('unknown');
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    middle.process.signal('SIGCONT');
    await waitUntil('it is settled', async () => (await payer.lookUp(bill.paymentHashHex)).state === 'settled');
    expect(await books()).toEqual({
      buyerMsat: before.buyerMsat - AMOUNT_MSAT - FEE_MSAT,
      middleMsat: before.middleMsat + FEE_MSAT,
      farMsat: before.farMsat + AMOUNT_MSAT,
    });
  });

  it('is unknown while the node in the middle is down with the money, and settles when it is back', async () => {
    const payer = await payerOf(buyer);
    const before = await books();
    const bill = await addHeldInvoice(far, AMOUNT_MSAT);
    const paying = payer.pay({ ...bill, amountMsat: AMOUNT_MSAT, feeLimitMsat: 10_000, timeoutMs: 6_000 });
    const path = `/v1/invoice/${bill.paymentHashHex}`;
    await waitUntil('the money is held', async () => (await far.ask('GET', path)).body.includes('ACCEPTED'));
    await middle.stop('SIGKILL');
    await bill.settle();
    expect((await paying).state).toBe('unknown');
    await middle.start();
    await waitUntil('it is settled', async () => (await payer.lookUp(bill.paymentHashHex)).state === 'settled');
    expect(await books()).toEqual({
      buyerMsat: before.buyerMsat - AMOUNT_MSAT - FEE_MSAT,
      middleMsat: before.middleMsat + FEE_MSAT,
      farMsat: before.farMsat + AMOUNT_MSAT,
    });
  });
});
