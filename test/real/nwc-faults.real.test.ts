import { readFileSync } from 'node:fs';
import type { PayingWallet } from '@satway/wallets';
import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type RelayProcess,
  startIntruder,
  startPayer,
  startRelay,
  startWalletService,
  type WalletServiceOptions,
  type WalletServiceProcess,
} from '../support/nwc/index.js';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  PROBE_MSAT,
  type RegtestNetwork,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';

let network: RegtestNetwork;
let relay: RelayProcess;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  network = await startRegtestNetwork();
  relay = await startRelay();
});

beforeEach(() => network.canPay());

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

afterAll(async () => {
  await relay?.stop();
  await network?.stop();
});

async function serve(node: LndNode, more: Partial<WalletServiceOptions> = {}): Promise<WalletServiceProcess> {
  const certificatePem = readFileSync(node.tlsCertPath, 'utf8');
  const behind = { url: node.restUrl, macaroonHex: node.macaroonHex(), certificatePem };
  const service = await startWalletService({ relayUrl: relay.url, node: behind, ...more });
  endings.push(() => service.stop());
  return service;
}

async function payerOver(uri: string, callTimeoutMs = 15_000): Promise<PayingWallet> {
  const payer = await connectNwcPayer({ uri, callTimeoutMs });
  endings.push(() => payer.close());
  return payer;
}

const LIMITS = { feeLimitMsat: 10_000, timeoutMs: 30_000 };
const soldMsat = async (): Promise<number> => (await network.settledBalancesMsat()).sellerMsat;

const isHeld = (paymentHashHex: string) => async (): Promise<boolean> =>
  (await network.nodes.seller.ask('GET', `/v1/invoice/${paymentHashHex}`)).body.includes('ACCEPTED');

const isSettled = (payer: PayingWallet, paymentHashHex: string) => async (): Promise<boolean> =>
  (await payer.lookUp(paymentHashHex)).state === 'settled';

describe('NWC before real nodes', () => {
  it('pays in both directions, and the books of the two nodes agree to the millisatoshi', async () => {
    const { seller, buyer } = network.nodes;
    const [one, other] = [await serve(buyer), await serve(seller)];
    const sides = [
      { payer: await payerOver(one.uri), issuer: createNwcIssuer({ uri: other.uri }), amountMsat: 12_345 },
      { payer: await payerOver(other.uri), issuer: createNwcIssuer({ uri: one.uri }), amountMsat: 2_468 },
    ];
    const before = await network.settledBalancesMsat();
    for (const { payer, issuer, amountMsat } of sides) {
      const bill = await issuer.create({ amountMsat, description: 'one call', expirySeconds: 600 });
      expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled', amountMsat, feeMsat: 0 });
      expect(await issuer.lookUp(bill.paymentHashHex)).toMatchObject({
        state: 'settled',
        amountReceivedMsat: amountMsat,
      });
      await issuer.close();
    }
    expect(await network.settledBalancesMsat()).toEqual({
      sellerMsat: before.sellerMsat + 12_345 - 2_468,
      buyerMsat: before.buyerMsat - 12_345 + 2_468,
    });
  });

  it.each([[['nip44_v2']], [['nip04']]] as const)('speaks with a wallet that knows %s only', async (encryptions) => {
    const { seller, buyer } = network.nodes;
    const payer = await payerOver((await serve(buyer, { encryptions })).uri);
    const bill = await addInvoice(seller, 3_000);
    expect(await payer.pay({ ...bill, amountMsat: 3_000, ...LIMITS })).toMatchObject({ state: 'settled' });
  });

  it('sells and cannot pay with a connection that may only receive, and says so', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer, { methods: ['get_info', 'make_invoice', 'lookup_invoice'] });
    const payer = await payerOver(service.uri);
    expect(await payer.inspect()).toMatchObject({
      network: 'regtest',
      can: { pay: false, createInvoice: true, read: true, administer: false },
      excess: { receive: [] },
    });
    const before = await soldMsat();
    const bill = await addInvoice(seller, 2_000);
    expect(await payer.pay({ ...bill, amountMsat: 2_000, ...LIMITS })).toMatchObject({
      state: 'failed',
      reason: 'rejected_before_sending',
    });
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED', fundsMoved: 'no' });
    expect(await soldMsat()).toBe(before);
  });

  it('answers all that is asked at once, though the relay serves few subscriptions to one client', async () => {
    const payer = await payerOver((await serve(network.nodes.buyer)).uri, 60_000);
    const balances = await Promise.all(Array.from({ length: 40 }, () => payer.balance()));
    expect(new Set(balances.map(({ spendableMsat }) => spendableMsat)).size).toBe(1);
  });

  it('tells the failure of another program as one that need not be ours, while our request lies unread, which is then paid', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer);
    const [payer, sameWallet] = [await payerOver(service.uri), await payerOver((await serve(buyer)).uri)];
    const before = await soldMsat();
    const bill = await addInvoice(seller, 4_000);
    // As `lncli payinvoice --outgoing_chan_id 1` does: there is no such channel.
    const request = {
      payment_request: bill.invoice,
      timeout_seconds: 5,
      fee_limit_msat: '1000',
      outgoing_chan_ids: ['1'],
    };
    expect((await buyer.ask('POST', '/v2/router/send', request)).body).toContain('FAILED');
    service.signal('SIGSTOP');
    const outcome = await payer.pay({ ...bill, amountMsat: 4_000, ...LIMITS, timeoutMs: 3_000 });
    const found = await sameWallet.lookUp(bill.paymentHashHex);
    service.signal('SIGCONT');
    expect(outcome.state).toBe('unknown');
    expect(found).toMatchObject({ state: 'failed', mayBeOfAnother: true });
    await waitUntil('the payment is settled', isSettled(payer, bill.paymentHashHex));
    expect(await soldMsat()).toBe(before + 4_000);
  });

  it('hears of a payment whose answer comes after the relay has cut the connection', async () => {
    const { seller, buyer } = network.nodes;
    const payer = await payerOver((await serve(buyer)).uri);
    const bill = await addHeldInvoice(seller, 5_000);
    const before = await soldMsat();
    const paying = payer.pay({ ...bill, amountMsat: 5_000, ...LIMITS });
    await waitUntil('the money is held', isHeld(bill.paymentHashHex));
    const connections = relay.connections();
    relay.cutRequesters();
    await waitUntil('the payer is back', async () => relay.connections() > connections);
    // The relay keeps no answers: one that comes in the instant before it follows again would be lost.
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    await bill.settle();
    expect(await paying).toMatchObject({ state: 'settled', amountMsat: 5_000 });
    expect(await soldMsat()).toBe(before + 5_000);
  });

  it('takes one answer of two, and none of those that somebody else forges', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer, { answers: 'twice' });
    const intruder = await startIntruder(relay.url, service.walletPubkeyHex);
    endings.push(async () => intruder.close());
    const payer = await payerOver(service.uri);
    const before = await soldMsat();
    for (let count = 0; count < 3; count += 1) {
      const bill = await addInvoice(seller, 1_000);
      const outcome = await payer.pay({ ...bill, amountMsat: 1_000, ...LIMITS });
      expect(outcome).toMatchObject({ state: 'settled' });
      expect(await payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    }
    // The relay took what was signed by the intruder, and not what bore the wallet's name.
    expect(new Set(intruder.verdicts)).toEqual(new Set([true, false]));
    expect(await soldMsat()).toBe(before + 3_000);
  });

  it('with the wallet service killed in mid-payment: unknown, and found once another stands in its place', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer);
    const payer = await payerOver(service.uri);
    const bill = await addHeldInvoice(seller, 6_000);
    const before = await soldMsat();
    const paying = payer.pay({ ...bill, amountMsat: 6_000, ...LIMITS, timeoutMs: 3_000 });
    await waitUntil('the money is held', isHeld(bill.paymentHashHex));
    await service.stop('SIGKILL');
    expect((await paying).state).toBe('unknown');
    await bill.settle();

    await serve(buyer, { keys: service.keys });
    await waitUntil('the payment is found', isSettled(payer, bill.paymentHashHex));
    expect(await soldMsat()).toBe(before + 6_000);
  });

  it('with the wallet service frozen: unknown, and what it does when it goes on is found', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer);
    const payer = await payerOver(service.uri);
    const bill = await addInvoice(seller, 4_000);
    const before = await soldMsat();
    service.signal('SIGSTOP');
    expect((await payer.pay({ ...bill, amountMsat: 4_000, ...LIMITS, timeoutMs: 1_500 })).state).toBe('unknown');
    service.signal('SIGCONT');
    // This service does not look at the expiration of a request, so the payment may come late: exactly why its end proves nothing.
    await waitUntil('the payment is found', isSettled(payer, bill.paymentHashHex));
    expect(await soldMsat()).toBe(before + 4_000);
  });

  it('with the node behind it killed: unknown, then what is true', async () => {
    const { seller, buyer } = network.nodes;
    const payer = await payerOver((await serve(buyer)).uri);
    const bill = await addHeldInvoice(seller, 8_000);
    const before = await soldMsat();
    const paying = payer.pay({ ...bill, amountMsat: 8_000, ...LIMITS });
    await waitUntil('the money is held', isHeld(bill.paymentHashHex));
    await buyer.stop('SIGKILL');
    expect((await paying).state).toBe('unknown');
    await expect(payer.lookUp(bill.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    await buyer.start();
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    await bill.settle();
    await network.canPay();
    await waitUntil('the payment is found', isSettled(payer, bill.paymentHashHex));
    expect(await soldMsat()).toBe(before + 8_000 + PROBE_MSAT);
  });

  it('with the relay gone: nothing is sent; and after its return it goes on', async () => {
    const { seller, buyer } = network.nodes;
    const own = await startRelay();
    const service = await serve(buyer, { relayUrl: own.url });
    const payer = await payerOver(service.uri, 2_000);
    const bill = await addInvoice(seller, 2_000);
    await own.stop();
    const request = { ...bill, amountMsat: 2_000, ...LIMITS };
    await expect(payer.pay(request)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });

    const back = await startRelay(Number(new URL(own.url).port));
    endings.push(() => back.stop());
    await waitUntil('the wallet service is back', async () => (await payer.balance()).spendableMsat > 0);
    expect(await payer.pay(request)).toMatchObject({ state: 'settled' });
  });

  it('two processes that pay one invoice at once pay it once, and neither says that it failed', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer);
    const bill = await addInvoice(seller, 7_000);
    const before = await soldMsat();
    const order = { uri: service.uri, ...bill, amountMsat: 7_000, timeoutMs: 10_000 };
    const states = await Promise.all([startPayer(order).outcome, startPayer(order).outcome]);
    expect(states.filter((state) => state === 'settled').length).toBeGreaterThan(0);
    expect(states).not.toContain('failed');
    expect(await soldMsat()).toBe(before + 7_000);
  });

  it('a payer killed between sending and the answer: the next one finds the payment', async () => {
    const { seller, buyer } = network.nodes;
    const service = await serve(buyer);
    const bill = await addHeldInvoice(seller, 9_000);
    const before = await soldMsat();
    const first = startPayer({ uri: service.uri, ...bill, amountMsat: 9_000, timeoutMs: 60_000 });
    await waitUntil('the money is held', isHeld(bill.paymentHashHex));
    await first.kill();
    expect(await first.outcome).toBe('killed');

    const payer = await payerOver(service.uri);
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    await bill.settle();
    await waitUntil('the payment is found', isSettled(payer, bill.paymentHashHex));
    expect(await soldMsat()).toBe(before + 9_000);
  });
});
